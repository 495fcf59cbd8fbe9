"""The rig, as a fixture."""

from collections.abc import Iterator

import pytest

from tests.access.rig import Rig, rigged


@pytest.fixture
def rig() -> Iterator[Rig]:
    with rigged() as one:
        yield one
