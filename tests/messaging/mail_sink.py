"""A real mail server in a thread of the test, and a site that sends by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

from appliance.boot.messaging_side import post_of
from appliance.config import MailSecurity, MailSettings
from appliance.messaging.actions.sending import Post
from drivers.emulators.faults import Fault
from drivers.emulators.mail import MailServer, Sink
from tests.builders import Site

SENDER = "hall@portvakt.example"


@dataclass(slots=True)
class MailSink:
    """Where mail goes."""

    server: MailServer
    sink: Sink
    folder: Path

    @property
    def settings(self) -> MailSettings:
        return MailSettings("127.0.0.1", SENDER, self.server.port, MailSecurity.NONE)

    def letters(self) -> list[EmailMessage]:
        """Everything that came, in order."""
        kept = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(each.read_bytes(), policy=policy.default) for each in kept]

    def spoil(self, on: str, kind: str, *, nth: int = 1, count: int = 1, delay_s: float = 0.0) -> None:
        """Have something go wrong with what comes next."""
        with self.sink.lock:
            self.sink.faults.add(Fault(on, kind, nth, count, delay_s))


@contextmanager
def mail_sink(folder: Path) -> Iterator[MailSink]:
    folder.mkdir(parents=True, exist_ok=True)
    sink = Sink(folder / "journal.jsonl", folder)
    server = MailServer(0, sink)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield MailSink(server, sink, folder)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def post(site: Site, mail: MailSink | None) -> Post:
    """Who sends for a site: by that server, or by none at all."""
    settings = replace(site.settings, mail=mail.settings if mail is not None else None)
    return post_of(settings, site.side)


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """The words of a letter."""
    body = letter.get_body((kind,))
    assert body is not None
    words: str = body.get_content()
    return words


def delivered(site: Site, mail: MailSink) -> list[EmailMessage]:
    """Every letter that came, after everything due was sent."""
    sender = post(site, mail)
    while sender.deliver():
        pass
    return mail.letters()


def addressed(letters: list[EmailMessage], address: str) -> list[EmailMessage]:
    """Those to one address."""
    return [each for each in letters if each["To"] == address]
