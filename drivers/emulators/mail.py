"""A mail server that delivers nothing and keeps what it is given (RFC 5321, 3207, 4954). An emulator, not a server.

    portvakt emulate mail --port 2525 --journal FILE [--keep FOLDER] [--faults FILE] [--certificate FILE --key FILE]
                          [--user NAME --password-file FILE]

Each letter is a line of the journal: {"at_us", "to", "message_id", "fault"}; with --keep it also is a file of its own.
Channels of a fault script: connect, rcpt, data. Kinds:

    busy       421 or 451: not now                 refuse     554 or 550: never
    drop       the line ends, nothing was taken    drop_after the letter is taken, and the line ends before the answer
    slow       the answer comes after delay_ms
"""

import argparse
import base64
import contextlib
import json
import re
import signal
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final

from drivers.emulators.faults import Fault, FaultScript, script_at
from drivers.emulators.sink_options import password_in, sink_options

CHANNELS: Final = ("connect", "rcpt", "data")
KINDS: Final = ("busy", "refuse", "drop", "drop_after", "slow")
LONGEST_LINE: Final = 2048
LARGEST_LETTER: Final = 1024 * 1024
_ADDRESS: Final = re.compile(rb"(?i)(?:FROM|TO):\s*<([^>]*)>")


@dataclass(slots=True)
class Sink:
    """Everything that came, and how the server behaves."""

    journal: Path
    keep: Path | None = None
    faults: FaultScript = field(default_factory=FaultScript)
    tls: ssl.SSLContext | None = None
    user: str = ""
    password: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0

    def due(self, channel: str) -> Fault | None:
        """What is to go wrong with the next use of a channel."""
        with self.lock:
            return self.faults.due(channel)

    def take(self, to: Sequence[str], letter: bytes, fault: str) -> None:
        """Keep a letter: on disk before anybody is told that it was taken."""
        found = message_from_bytes(letter, policy=policy.SMTP)
        line = {"at_us": time.time_ns() // 1000, "to": list(to), "message_id": found["Message-ID"], "fault": fault}
        with self.lock:
            self.count += 1
            if self.keep is not None:
                (self.keep / f"{self.count:05}.eml").write_bytes(letter)
            with self.journal.open("a", encoding="utf-8") as journal:
                journal.write(json.dumps(line) + "\n")


class Gone(Exception):
    """The line is to end here."""


class Conversation(socketserver.StreamRequestHandler):
    """One client from its greeting to its end."""

    sink: Sink

    def handle(self) -> None:
        self._is_shut = self.sink.tls is None
        self._is_known = not self.sink.user
        self._to: list[str] = []
        with contextlib.suppress(Gone, OSError):
            if self._went_wrong("connect", b"421 busy", b"554 no mail here"):
                return
            self._say(b"220 sink.invalid ESMTP emulator, delivers nothing")
            while line := self.rfile.readline(LONGEST_LINE):
                self._answer(line.strip())

    def finish(self) -> None:
        super().finish()
        # With TLS it is another socket than the one that the server closes.
        self.connection.close()

    def _answer(self, line: bytes) -> None:
        verb, _, rest = line.partition(b" ")
        acts = {
            b"EHLO": self._ehlo, b"HELO": self._ehlo, b"STARTTLS": self._starttls, b"AUTH": self._auth,
            b"MAIL": self._mail, b"RCPT": self._rcpt, b"DATA": self._data, b"RSET": self._reset,
            b"NOOP": self._noop, b"QUIT": self._quit,
        }  # fmt: skip
        act = acts.get(verb.upper())
        if act is None:
            self._say(b"502 not here")
        else:
            act(rest)

    def _ehlo(self, _rest: bytes) -> None:
        offers = [b"sink.invalid", b"8BITMIME", b"SMTPUTF8"]
        offers += [] if self._is_shut else [b"STARTTLS"]
        offers += [b"AUTH PLAIN LOGIN"] if self.sink.user and self._is_shut else []
        for each in offers[:-1]:
            self._say(b"250-" + each)
        self._say(b"250 " + offers[-1])

    def _starttls(self, _rest: bytes) -> None:
        if self.sink.tls is None:
            self._say(b"502 not here")
            return
        self._say(b"220 go ahead")
        for plain in (self.rfile, self.wfile):
            plain.close()
        self.connection = self.sink.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self._is_shut = True

    def _auth(self, rest: bytes) -> None:
        _, _, first = rest.partition(b" ")
        with contextlib.suppress(ValueError):
            parts = base64.b64decode(first, validate=True).split(b"\x00")
            self._is_known = parts[1:] == [self.sink.user.encode(), self.sink.password.encode()]
        self._say(b"235 welcome" if self._is_known else b"535 who are you")

    def _mail(self, _rest: bytes) -> None:
        self._to = []
        self._say(b"250 ok" if self._is_known and self._is_shut else b"530 sign in first")

    def _rcpt(self, rest: bytes) -> None:
        if self._went_wrong("rcpt", b"451 not now", b"550 nobody here"):
            return
        found = _ADDRESS.match(rest)
        if found is not None:
            self._to.append(found[1].decode(errors="replace"))
        self._say(b"250 ok" if found else b"501 no address")

    def _data(self, _rest: bytes) -> None:
        if not self._to:
            self._say(b"503 to whom?")
            return
        self._say(b"354 go ahead")
        lines, size = [], 0
        while (line := self.rfile.readline(LONGEST_LINE)) not in (b".\r\n", b""):
            size += len(line)
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            if size > LARGEST_LETTER:
                raise Gone
        fault = self.sink.due("data")
        kind = fault.kind if fault else ""
        if kind == "drop":
            raise Gone
        if fault is not None and kind in ("busy", "refuse"):
            self._say(b"451 not now" if kind == "busy" else b"554 not this")
            return
        self.sink.take(self._to, b"".join(lines), kind)
        if kind == "drop_after":
            raise Gone
        if fault is not None and kind == "slow":
            threading.Event().wait(fault.delay_s)
        self._say(b"250 kept")

    def _reset(self, _rest: bytes) -> None:
        self._to = []
        self._say(b"250 ok")

    def _noop(self, _rest: bytes) -> None:
        self._say(b"250 ok")

    def _quit(self, _rest: bytes) -> None:
        self._say(b"221 bye")
        raise Gone

    def _went_wrong(self, channel: str, busy: bytes, refused: bytes) -> bool:
        fault = self.sink.due(channel)
        if fault is None:
            return False
        if fault.kind == "slow":
            threading.Event().wait(fault.delay_s)
            return False
        if fault.kind in ("drop", "drop_after"):
            raise Gone
        self._say(busy if fault.kind == "busy" else refused)
        return True

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """The server on a port of loopback; 0 lets the system choose."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, sink: Sink) -> None:
        super().__init__(("127.0.0.1", port), type("Talk", (Conversation,), {"sink": sink}))

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up on an emulator is no news."""


def parser() -> argparse.ArgumentParser:
    """Its options."""
    about = "Keeps the mail it is given; no server."
    options = sink_options("mail", about, journal="a line of JSON for each letter")
    options.add_argument("--keep", type=Path, help="folder for the letters themselves")
    options.add_argument("--certificate", type=Path, help="offers STARTTLS with this certificate (PEM)")
    options.add_argument("--key", type=Path, help="its key (PEM)")
    return options


def main(given: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT; prints one line of JSON when ready."""
    said = parser().parse_args(given)
    faults = script_at(said.faults, CHANNELS, KINDS)
    sink = Sink(
        said.journal, said.keep, faults, _tls(said.certificate, said.key), said.user, password_in(said.password_file)
    )
    if said.keep is not None:
        said.keep.mkdir(parents=True, exist_ok=True)
    server, stopping = MailServer(said.port, sink), threading.Event()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    print(json.dumps({"ready": True, "emulator": "mail", "port": server.port}), flush=True)
    stopping.wait()
    server.shutdown()
    server.server_close()
    return 0


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
