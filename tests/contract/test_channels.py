"""What every channel must do, over a real connection to a real other side (the emulators)."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance.foundation.clock import FakeClock
from appliance.messaging.channels.contract import Accepted, Away, Channel, Outgoing, PutOff, TurnedDown
from appliance.messaging.channels.email import EmailChannel, MailServer
from appliance.messaging.channels.sms import SmsChannel, SmsService
from appliance.messaging.templates import Way
from drivers.emulators import mail as mail_emulator
from drivers.emulators.faults import Fault, FaultScript
from drivers.emulators.http_service import HttpEmulator, _handler, _Server
from drivers.emulators.sms import SmsSink
from drivers.local_broker import free_port

ANSWER_S = 0.5
NOW = 1_700_000_000


@dataclass
class Rig:
    """A channel and its other side. came: everything that was taken, as (to, words). spoil: how it goes wrong once."""

    channel: Channel
    to: str
    came: Callable[[], list[tuple[str, str]]]
    spoil: Callable[[str], None]

    def message(self, number: int = 1, **parts: str) -> Outgoing:
        return Outgoing(
            f"m{number}", parts.get("to", self.to), "Ämne", parts.get("text", "Hej Åsa O'Neill"), "<p>Hej</p>"
        )


@contextmanager
def mail_rig(folder: Path) -> Iterator[Rig]:
    sink = mail_emulator.Sink(folder / "mail.jsonl", folder)
    server = mail_emulator.MailServer(0, sink)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    kinds = {"later": ("rcpt", "busy"), "never": ("rcpt", "refuse"), "cut": ("data", "drop"), "slow": ("data", "slow")}

    def came() -> list[tuple[str, str]]:
        lines = sink.journal.read_text().splitlines() if sink.journal.exists() else []
        letters = sorted(folder.glob("*.eml"))
        return [
            (json.loads(line)["to"][0], each.read_bytes().decode()) for line, each in zip(lines, letters, strict=True)
        ]

    def spoil(what: str) -> None:
        channel, kind = kinds[what]
        sink.faults.add(Fault(channel, kind, delay_s=2 * ANSWER_S))

    channel = EmailChannel(MailServer("127.0.0.1", server.port, "none", "hall@example.org"), FakeClock(NOW), ANSWER_S)
    yield Rig(channel, "anna@example.se", came, spoil)
    channel.rest()
    server.shutdown()
    server.server_close()


@contextmanager
def sms_rig(folder: Path) -> Iterator[Rig]:
    sink = SmsSink("u", "p")
    with (folder / "sms.jsonl").open("a") as journal:
        emulator = HttpEmulator(sink, FaultScript(), journal)
        server = _Server(("127.0.0.1", 0), _handler(emulator))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        kinds = {"later": "too_many", "cut": "drop", "slow": "slow"}

        def spoil(what: str) -> None:
            if what != "never":
                emulator._faults.add(Fault("sms", kinds[what], delay_s=2 * ANSWER_S))

        yield Rig(
            SmsChannel(SmsService(url, "Hallen", "u", "p"), ANSWER_S),
            "+46701740605",
            lambda: [(str(each["to"]), str(each["message"])) for each in sink.kept],
            spoil,
        )
        server.shutdown()
        server.server_close()
        # What has been stopped ends its turn at once, and lets go of its sockets.
        emulator.lines.stop()
        emulator.lines.run()


@pytest.fixture(params=[mail_rig, sms_rig], ids=["email", "sms"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with request.param(tmp_path) as made:
        yield made


def test_a_message_is_handed_over_once_with_its_words(rig: Rig) -> None:
    """DY-63: å, apostrophes and all."""
    assert rig.channel.send(rig.message()) == Accepted()
    assert rig.channel.send(rig.message(2)) == Accepted()
    assert [to for to, _ in rig.came()] == [rig.to, rig.to]
    assert "Neill" in rig.came()[0][1]


def test_what_is_put_off_may_be_taken_later(rig: Rig) -> None:
    """DY-63: not now is not never, and the next message goes."""
    rig.spoil("later")
    assert isinstance(rig.channel.send(rig.message()), PutOff)
    assert rig.channel.send(rig.message()) == Accepted()


def test_what_is_turned_down_is_told_apart(rig: Rig) -> None:
    """DY-63: an address that is refused is refused for good; a fault names no address."""
    rig.spoil("never")
    outcome = rig.channel.send(rig.message(to=rig.to if rig.channel.way is Way.EMAIL else "nobody"))
    assert isinstance(outcome, TurnedDown)
    assert rig.to not in outcome.fault


@pytest.mark.parametrize("how", ["cut", "slow"])
def test_a_line_that_breaks_or_hangs_is_away_within_a_bounded_time(rig: Rig, how: str) -> None:
    """DY-63: whatever the other side does, a send ends; afterwards it works again."""
    rig.spoil(how)
    assert isinstance(rig.channel.send(rig.message()), Away)
    rig.channel.rest()
    assert rig.channel.send(rig.message()) == Accepted()


@pytest.mark.parametrize("way", list(Way))
def test_nobody_there_is_away(way: Way) -> None:
    """DY-63: a dead server is no fault of a message."""
    port = free_port()
    dead: dict[Way, Channel] = {
        Way.EMAIL: EmailChannel(MailServer("127.0.0.1", port, "none", "a@b.example"), FakeClock(NOW), ANSWER_S),
        Way.SMS: SmsChannel(SmsService(f"http://127.0.0.1:{port}", "Hallen", "u", "p"), ANSWER_S),
    }
    outcome = dead[way].send(Outgoing("m", "+46701740605" if way is Way.SMS else "a@example.se", "s", "t"))
    assert isinstance(outcome, Away)


def test_a_wrong_password_is_the_channel_and_not_the_message(rig: Rig, tmp_path: Path) -> None:
    """DY-63: no message is given up because of our own credentials."""
    if rig.channel.way is Way.EMAIL:
        sink = mail_emulator.Sink(tmp_path / "locked.jsonl", user="u", password="right")
        server = mail_emulator.MailServer(0, sink)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        sender = ("127.0.0.1", server.port, "none", "a@b.example")
        wrong: Channel = EmailChannel(MailServer(*sender, user="u", password="wrong"), FakeClock(NOW), ANSWER_S)
        assert isinstance(wrong.send(rig.message()), Away)
        right = EmailChannel(MailServer(*sender, user="u", password="right"), FakeClock(NOW), ANSWER_S)
        assert right.send(rig.message()) == Accepted()
        right.rest()
        server.shutdown()
        server.server_close()
    else:
        assert isinstance(rig.channel, SmsChannel)
        service = SmsService(rig.channel._service.url, "Hallen", "u", "wrong")
        assert isinstance(SmsChannel(service, ANSWER_S).send(rig.message()), Away)


def test_a_line_end_in_a_header_is_refused_and_never_sent(tmp_path: Path) -> None:
    """DY-62: even where nobody made one line of it, a header cannot be broken open."""
    with mail_rig(tmp_path) as rig:
        for to, subject in (("a@b.example\r\nBcc: c@d.example", "s"), ("a@b.example", "s\r\nBcc: c@d.example")):
            assert isinstance(rig.channel.send(Outgoing("m", to, subject, "t")), TurnedDown)
        assert rig.came() == []


@pytest.mark.parametrize("is_trusted", [True, False])
def test_starttls_is_used_and_a_strange_certificate_refused(tmp_path: Path, is_trusted: bool) -> None:
    """DY-63: mail to another machine is encrypted, and only to the server that it is for (RFC 3207)."""
    certificate, key = self_signed(tmp_path)
    sink = mail_emulator.Sink(tmp_path / "tls.jsonl", tls=mail_emulator._tls(certificate, key), user="u", password="p")
    server = mail_emulator.MailServer(0, sink)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    context = ssl.create_default_context(cafile=str(certificate) if is_trusted else None)
    to = MailServer("127.0.0.1", server.port, "starttls", "a@b.example", user="u", password="p", tls=context)
    channel = EmailChannel(to, FakeClock(NOW), 5.0)
    outcome = channel.send(Outgoing("m", "a@example.se", "s", "t"))
    channel.rest()
    server.shutdown()
    server.server_close()
    assert isinstance(outcome, Accepted if is_trusted else Away)
    # A server that does not offer it gets nothing either.
    with mail_rig(tmp_path) as plain:
        assert isinstance(plain.channel, EmailChannel)
        port = plain.channel._server.port
        strict = EmailChannel(MailServer("127.0.0.1", port, "starttls", "a@b.example"), FakeClock(NOW), ANSWER_S)
        assert isinstance(strict.send(plain.message()), Away)
        assert plain.came() == []


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.fromtimestamp(NOW, UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, secret
