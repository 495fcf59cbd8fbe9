"""E-mail by SMTP (RFC 5321, 3207 STARTTLS, 4954 AUTH), as plain text with a simple HTML alternative and a calendar.

A line break in a header is refused by `EmailMessage` itself; what goes into a header is one printable line anyway.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final

from appliance.foundation.clock import Clock
from appliance.messaging.channels.contract import Accepted, Away, Outcome, Outgoing, PutOff, TurnedDown
from appliance.messaging.templates import Way

ANSWER_S: Final = 10.0
_OWN_NAME: Final = "portvakt.invalid"  # RFC 2606: a unit behind a router has no name of its own to greet with


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes mail. security: `tls` from the first byte, `starttls`, or `none` for a server on this machine.

    sender: the address that mail comes from; sender_name: what people read there.
    """

    host: str
    port: int
    security: str
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None


class EmailChannel:
    """Mail to one server, over one connection as long as it lasts."""

    way = Way.EMAIL

    def __init__(self, server: MailServer, clock: Clock, answer_s: float = ANSWER_S) -> None:
        self._server = server
        self._clock = clock
        self._answer_s = answer_s
        self._line: smtplib.SMTP | None = None

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            letter = _letter(outgoing, self._server, self._clock)
        except ValueError:
            return TurnedDown("unusable address")
        is_fresh = self._line is None
        outcome = self._handed_over(letter)
        # A server may hang up on a line that was idle; before anything was handed over a new one does no harm.
        if outcome is None and not is_fresh:
            outcome = self._handed_over(letter)
        return outcome or Away("hung up")

    def rest(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            # Politeness is not worth waiting for.
            line.close()

    def _handed_over(self, letter: EmailMessage) -> Outcome | None:
        """What the server said; None when it had hung up before it was asked to take anything."""
        try:
            if self._line is None:
                self._line = self._connected()
            else:
                code, _ = self._line.noop()
                if code != 250:
                    raise smtplib.SMTPServerDisconnected("not idle any more")
        except smtplib.SMTPServerDisconnected:
            self.rest()
            return None
        except smtplib.SMTPAuthenticationError as fault:
            self.rest()
            return Away(f"sign-in {fault.smtp_code}")
        except (smtplib.SMTPException, OSError) as fault:
            self.rest()
            return Away(_said(fault))
        return self._taken(self._line, letter)

    def _taken(self, line: smtplib.SMTP, letter: EmailMessage) -> Outcome:
        try:
            line.send_message(letter)
        except smtplib.SMTPRecipientsRefused as fault:
            code = next(iter(fault.recipients.values()))[0]
            return _turned_down(code)
        except smtplib.SMTPSenderRefused as fault:
            self.rest()
            return Away(f"sender {fault.smtp_code}")
        except smtplib.SMTPDataError as fault:
            return _turned_down(fault.smtp_code)
        except smtplib.SMTPNotSupportedError:
            return TurnedDown("address not supported")
        except (smtplib.SMTPException, OSError) as fault:
            # It may have been taken: tried again, it goes by the same Message-ID.
            self.rest()
            return Away(_said(fault))
        return Accepted()

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        tls = server.tls or ssl.create_default_context()
        if server.security == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, _OWN_NAME, timeout=self._answer_s, context=tls
            )
        else:
            line = smtplib.SMTP(server.host, server.port, _OWN_NAME, timeout=self._answer_s)
        try:
            if server.security == "starttls":
                line.starttls(context=tls)
            if server.user:
                line.login(server.user, server.password)
        except (smtplib.SMTPException, OSError):
            line.close()
            raise
        return line


def _letter(outgoing: Outgoing, server: MailServer, clock: Clock) -> EmailMessage:
    """The letter, whose Message-ID is the same at each try; ValueError for an address that is none."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(server.sender_name, addr_spec=server.sender)
    letter["To"] = Address(addr_spec=outgoing.to)
    # What looks like an encoded word (RFC 2047) would be read as one, whatever it hides.
    letter["Subject"] = outgoing.subject.replace("=?", "= ?")
    letter["Message-ID"] = f"<{outgoing.id}@{server.sender.rpartition('@')[2]}>"
    letter["Date"] = formatdate(clock.now())
    # RFC 3834: nobody's absence note needs to answer it.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(outgoing.text)
    if outgoing.html:
        letter.add_alternative(outgoing.html, subtype="html")
    if outgoing.calendar:
        letter.add_attachment(
            outgoing.calendar.encode(),
            "text",
            "calendar",
            filename="booking.ics",
            params={"method": "PUBLISH", "charset": "utf-8"},
        )
    return letter


def _turned_down(code: int) -> Outcome:
    """RFC 5321 section 4.2.1: 4yz may work later, 5yz will not."""
    return TurnedDown(f"smtp {code}") if code >= 500 else PutOff(f"smtp {code}")


def _said(fault: Exception) -> str:
    """A code without an address: what a server writes may quote one."""
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"smtp {fault.smtp_code}"
    return type(fault).__name__
