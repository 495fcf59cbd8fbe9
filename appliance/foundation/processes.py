"""Child processes that must not outlive their parent, however it ends."""

import ctypes
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent() -> Callable[[], None]:
    """A `preexec_fn` for subprocess: the child gets SIGTERM when the thread that started it is gone.

    For a demo, whose parts are nothing without it. Never for a door process that guards real doors: it goes on alone.
    """
    # Loaded here, so that nothing needs to be imported between fork and exec.
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_for_signal() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask_for_signal
