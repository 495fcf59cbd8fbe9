"""A process of its own: waitress with nothing behind it but a greeting, and the rawest booking that is still durable.

    python -m appliance.boot.bench.bare_web FILE

Prints the port it listens on.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from waitress.server import create_server

from appliance.boot.bench.floors import RawFile

Respond = Callable[[str, list[tuple[str, str]]], object]
THREADS = 8


def application(path: Path) -> Callable[[dict[str, object], Respond], Iterable[bytes]]:
    """The WSGI application: `/hello`, and `/book` on one SQLite connection a thread."""
    RawFile(path).close()
    own = threading.local()

    def answer(environ: dict[str, object], respond: Respond) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/book":
            file = getattr(own, "file", None)
            if file is None:
                file = own.file = RawFile(path)
            file.book()
        body = b'{"hello": "world"}'
        respond("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def main(path: Path) -> None:
    """Serve until the process is ended."""
    server = create_server(application(path), host="127.0.0.1", port=0, threads=THREADS)
    print(server.effective_port, flush=True)
    server.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
