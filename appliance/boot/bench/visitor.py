"""A process of its own that asks over HTTP, one question after the other on one connection, and times each.

    python -m appliance.boot.bench.visitor PORT

Reads a line of JSON with a list of questions ([method, path, headers, body]), says `ready`, waits for `go`, asks, and
answers with a line: {"began", "ended", "ms": [...], "statuses": [...], "last": the last answer's text}. `began` and
`ended` are monotonic seconds, which all processes of a machine share.
"""

import http.client
import json
import sys
import time
from typing import Final

TIMEOUT_S: Final = 30.0
Question = tuple[str, str, dict[str, str], str]


def ask_all(connection: http.client.HTTPConnection, questions: list[Question]) -> dict[str, object]:
    """Ask everything in turn; how long each answer took in milliseconds, and what it was."""
    took, statuses, last = [], [], b""
    prepared = [(method, path, headers, body.encode() or None) for method, path, headers, body in questions]
    began = time.monotonic()
    for method, path, headers, body in prepared:
        at = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        last = answer.read()
        took.append((time.perf_counter() - at) * 1000)
        statuses.append(answer.status)
    ended = time.monotonic()
    return {"began": began, "ended": ended, "ms": took, "statuses": statuses, "last": last.decode()}


def main(port: int) -> None:
    """Serve one round after the other until the input ends."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    connection.connect()
    for line in sys.stdin:
        questions = json.loads(line)
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(ask_all(connection, questions)), flush=True)
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
