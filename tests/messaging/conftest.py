"""A furnished site, and a mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builders
from tests.builders import Site
from tests.messaging.mail_sink import MailSink, mail_sink


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailSink]:
    with mail_sink(tmp_path / "mail") as sink:
        yield sink
