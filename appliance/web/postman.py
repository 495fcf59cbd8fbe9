"""The thread of the web process that sends messages. A slow or dead server keeps nobody but other messages waiting."""

from appliance.foundation.scope import Scope
from appliance.messaging.actions.sending import Post
from appliance.storage import jobs
from appliance.storage.unit_of_work import Book
from appliance.web.beats import Beats

_LEASE = "postman"
BEAT_S = 1.0


class Postman:
    """Beats once a second, and at once again while there is more. Of several web processes a single one sends."""

    def __init__(self, book: Book, scope: Scope, holder: str, post: Post) -> None:
        self._book = book
        self._scope = scope
        self._holder = holder
        self._post = post
        self._beats = Beats("postman", BEAT_S, self._turn)

    def start(self) -> None:
        self._beats.start()

    def stop(self) -> None:
        """End within two seconds; what is under way by then is taken up by the next process."""
        self._beats.stop()

    def beat(self) -> int:
        """One turn: how many messages are through with; 0 without the lease."""
        if not jobs.hold_lease(self._book, self._scope, _LEASE, self._holder):
            return 0
        return self._post.deliver()

    def _turn(self) -> None:
        while self.beat() and not self._beats.is_stopping:
            pass
