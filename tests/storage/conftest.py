"""A furnished booking file, or a bare one under raw SQL, for each test of storage."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import builders
from tests.builders import Site
from tests.storage.raw_file import RawFile, raw_file


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Iterator[RawFile]:
    made = raw_file(tmp_path / "booking.db")
    with closing(made.connection):
        yield made
