"""Somebody of the staff at the console of a furnished unit."""

import pytest

from tests.builders import Site
from tests.web.admin.staff import Desk, signed_in


@pytest.fixture
def desk(site: Site) -> Desk:
    return signed_in(site)
