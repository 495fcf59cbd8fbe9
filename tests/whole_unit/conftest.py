"""One demo for every test of a worker that leaves it as it was."""

from collections.abc import Iterator

import pytest

from tests.whole_unit.demo_unit import Demo, running_demo


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """A demo in good health. Whoever kills something takes one of its own."""
    with running_demo() as demo:
        yield demo
