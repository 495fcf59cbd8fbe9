"""Waiting for another process or thread, with a deadline; never for time to pass."""

import threading
from collections.abc import Callable

POLL_S = 0.01


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether `holds()` became true within `seconds`."""
    pause = threading.Event()
    for _ in range(int(seconds / POLL_S)):
        if holds():
            return True
        pause.wait(POLL_S)
    return holds()


def stays(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether `holds()` was true each time it was asked for `seconds`; for what must not happen."""
    return not until(lambda: not holds(), seconds)
