"""The same presentation twice is one entry: who asks again is told what was decided, also after a restart.

What was decided is on record before the door is moved. Whether it moved then is not told again: an id is good for one
presentation, and whoever still stands before a shut door presents anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from appliance.access.outcomes import Outcome, read_outcome
from appliance.access.presentations import Presentation
from appliance.foundation.errors import FieldError, Invalid, Retryable

REMEMBERED: Final = 2_000
WAIT_S: Final = 2.0
_Asked = tuple[str, str, str]


class Repeats:
    """The latest answers; all others are in the journal of access.db."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: OrderedDict[str, tuple[_Asked, Future[Outcome]]] = OrderedDict()

    def once(self, presentation: Presentation, act: Callable[[], Outcome]) -> Outcome:
        """The outcome of `act`, which is called for the first who asks; all others get the same."""
        future, is_first = self._entered(presentation)
        if not is_first:
            try:
                return future.result(WAIT_S)
            except TimeoutError as fault:
                raise Retryable("the same presentation is still being decided") from fault
        try:
            outcome = act()
        except BaseException as fault:
            # Nothing was decided: the same question may be asked again.
            with self._lock:
                self._given.pop(presentation.id, None)
            future.set_exception(fault)
            raise
        future.set_result(outcome)
        return outcome

    def earlier(self, presentation: Presentation, written: tuple[str, dict[str, Any]] | None) -> Outcome | None:
        """The answer in the journal, if there is one."""
        if written is None or "told" not in written[1]:
            # Never presented, or by a version whose entries do not say what the guest was told.
            return None
        verdict, body = written
        _same(presentation, (body["door_id"], body["reader"], body["kind"]))
        return read_outcome(presentation.id, verdict, body)

    def _entered(self, presentation: Presentation) -> tuple[Future[Outcome], bool]:
        with self._lock:
            known = self._given.get(presentation.id)
            if known is not None:
                _same(presentation, known[0])
                return known[1], False
            future: Future[Outcome] = Future()
            self._given[presentation.id] = (_asked(presentation), future)
            if len(self._given) > REMEMBERED:
                self._given.popitem(last=False)
            return future, True


def _asked(presentation: Presentation) -> _Asked:
    return presentation.door_id, presentation.reader, presentation.kind


def _same(presentation: Presentation, earlier: tuple[str, ...]) -> None:
    if _asked(presentation) != earlier:
        raise Invalid(FieldError("presentation_id", "taken", "another presentation had the same id"))
