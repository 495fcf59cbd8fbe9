"""The kiosk over a fake desk, as an application with the headers of the real one, for tests and for looking at it.

`python -m tests.kiosk_ui.serving --port 8090` serves it until it is stopped.
"""

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask, Response
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.serving import WSGIRequestHandler, make_server

from appliance.foundation.clock import Clock
from kiosk_ui.blueprint import kiosk
from kiosk_ui.desk import Desk
from tests.kiosk_ui.fake_desk import FakeDesk

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self' {live}; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class _Compiled(BytecodeCache):
    """Templates compiled once for all the applications of a test run."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def kiosk_app(desk: FakeDesk, live: str = "") -> Flask:
    """The kiosk alone, strictly guarded."""
    return kiosk_over(desk, desk.clock, live)


def kiosk_over(desk: Desk, clock: Clock, live: str = "") -> Flask:
    """The same over any desk."""
    app = Flask(__name__)
    app.jinja_options = {"bytecode_cache": _COMPILED}
    app.register_blueprint(kiosk(desk, clock))

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP.format(live=live)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return app


class _Silent(WSGIRequestHandler):
    """Keeps connections open as waitress does, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        return


@contextmanager
def served(app: "WSGIApplication", port: int = 0) -> Iterator[str]:
    """The address of `app`, served in threads for as long as the block lasts."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def main() -> None:
    """Serve by hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8090)
    with served(kiosk_app(FakeDesk()), parser.parse_args().port):
        threading.Event().wait()


if __name__ == "__main__":
    main()
