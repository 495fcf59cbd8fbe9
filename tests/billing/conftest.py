"""A furnished booking file for each test of booking."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builders
from tests.builders import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made
