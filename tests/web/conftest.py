"""A furnished unit behind its API for each test of the web side."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builders
from tests.builders import Site
from tests.web.api_client import Api, api_of
from tests.web.clinic import furnish


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with builders.site(tmp_path / "data") as made:
        yield made


@pytest.fixture
def api(site: Site) -> Api:
    return api_of(site)


@pytest.fixture
def clinic(api: Api) -> Api:
    """The facility with two therapists, two rooms, and a service of 50 minutes that needs one of each."""
    return furnish(api)
