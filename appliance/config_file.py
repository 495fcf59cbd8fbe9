"""The configuration file: only what starting needs; everything else lives in the journal of `booking.db`.

The file is TOML, found by `--config`, else `$PORTVAKT_CONFIG`, else `/etc/portvakt/portvakt.toml`. It is read whole and
every mistake in it is reported at once.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from appliance.config import (
    USUAL_IDENTIFIABLE_DAYS,
    BrokerSettings,
    ClockSource,
    FurtherFacility,
    GpioPins,
    MailSecurity,
    MailSettings,
    RecordSettings,
    SmsSettings,
    UnitSettings,
    WebSettings,
)
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError, Invalid, NeedsAttention

DEFAULT_PATH = Path("/etc/portvakt/portvakt.toml")
HIGHEST_PORT = 65_535
LONGEST_IDENTIFIABLE_DAYS = 90
LONGEST_KEPT_DAYS = 730
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,250}")
_SENDER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,10}|\+[1-9][0-9]{6,14}")
MOST_FURTHER = 20  # each has processes of its own; more need a central
LONGEST_SOCKET_FOLDER = 90  # a Unix socket path ends at 107 bytes and the longest name in the folder is `present.sock`

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "unit": {
        "data": "folder of booking.db, access.db, secrets and pid files; absolute",
        "run": f"folder of the two sockets, at most {LONGEST_SOCKET_FOLDER} bytes long; on a memory file system",
        "facility": "id (UUIDv7) of the one facility this unit serves",
        "slug": "the facility's short name in topics and addresses: a-z, 0-9 and dashes",
    },
    "web": {
        "host": "address to listen on (127.0.0.1)",
        "port": "port of pages and API (8080)",
        "live_port": "port of the event stream beside it; 0 lets the system choose (0)",
        "threads": "requests served at once (8)",
        "public_url": "what links begin with, as customers reach it (http://host:port)",
    },
    "clock": {"source": '"system", or "pretend" for a world without real doors ("system")'},
    "broker": {
        "host": "the site's MQTT broker; leave the section out when no door speaks MQTT",
        "port": "its port (1883)",
        "user": "user name, if it asks for one",
        "password_file": "file that holds the password and nothing else",
    },
    "gpio": {
        "pins": '"native" for the pins of this computer, "wire" for an emulator process ("native")',
        "wire_socket": 'socket of the emulator, with pins = "wire"',
    },
    "records": {
        "identifiable_days": "for how many days door records name the booking, 1 to 90 (30)",
        "kept_days": "for how many days they are kept without it, 31 to 730 (365)",
        "purpose": "why they name it for more than 30 days; required then",
        "legal_hold": "true while nothing may be forgotten, as in a lawsuit (false)",
    },
    "mail": {
        "host": "the server that takes our mail; leave the section out to send none",
        "port": "its port (587)",
        "security": '"tls" from the first byte, "starttls", or "none" for a server on this machine ("starttls")',
        "sender": "the address that mail comes from",
        "user": "user name, if it asks for one",
        "password_file": "file that holds the password and nothing else",
    },
    "sms": {
        "url": 'base address of the service ("https://api.46elks.com"); leave the section out to send none',
        "sender": "who SMS come from: at most 11 letters and digits, or a number with + in front",
        "user": "user name there",
        "password_file": "file that holds the password and nothing else",
    },
    "facilities": {
        "id": "id (UUIDv7) of a further facility of the same organisation; write [[facilities]] for each",
        "slug": "its short name in topics and addresses",
    },
}


def load(path: Path) -> UnitSettings:
    """Read the file at `path`. NeedsAttention when it cannot be read, Invalid with every mistake when it is wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise NeedsAttention(
            f"cannot read {path}: {fault.strerror}; name another configuration with --config"
        ) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Invalid(FieldError("", "not_toml", f"{path} is not valid TOML: {fault}")) from fault
    return parse(document)


def parse(document: Mapping[str, object]) -> UnitSettings:
    """Settings from a parsed TOML document, or Invalid with every mistake in it."""
    errors = [FieldError(name, "unknown", f"there is no section [{name}]") for name in document if name not in SETTINGS]
    sections = {name: Section(name, document.get(name, {}), errors) for name in SETTINGS if name != "facilities"}
    unit, web, clock, broker, gpio, records, mail, sms = sections.values()
    host, port = web.text("host", "127.0.0.1"), web.number("port", 0, HIGHEST_PORT, 8080)
    settings = UnitSettings(
        data=_path(unit, "data"),
        run=_path(unit, "run", longest=LONGEST_SOCKET_FOLDER),
        facility_id=unit.id("facility"),
        facility_slug=unit.slug("slug"),
        clock=clock.choice("source", ClockSource, ClockSource.SYSTEM),
        web=WebSettings(
            host=host,
            port=port,
            live_port=web.number("live_port", 0, HIGHEST_PORT, 0),
            threads=web.number("threads", 1, 64, 8),
            public_url=web.text("public_url", f"http://{host}:{port}").rstrip("/"),
        ),
        broker=_broker(broker) if "broker" in document else None,
        gpio_pins=gpio.choice("pins", GpioPins, GpioPins.NATIVE),
        wire_socket=_path(gpio, "wire_socket") if gpio.has("wire_socket") else None,
        records=_records(records),
        mail=_mail(mail) if "mail" in document else None,
        sms=_sms(sms) if "sms" in document else None,
        further=_further(document, errors),
    )
    _check_further(settings, errors)
    if settings.gpio_pins is GpioPins.WIRE and settings.wire_socket is None:
        gpio.mistake("wire_socket", "missing", 'pins = "wire" needs the socket of the emulator')
    for section in sections.values():
        section.finish()
    if errors:
        raise Invalid(*errors)
    return settings


def _further(document: Mapping[str, object], errors: list[FieldError]) -> tuple[FurtherFacility, ...]:
    listed = document.get("facilities", [])
    if not isinstance(listed, list) or len(listed) > MOST_FURTHER:
        errors.append(FieldError("facilities", "malformed", f"must be at most {MOST_FURTHER} tables [[facilities]]"))
        return ()
    sections = [Section(f"facilities.{at}", each, errors) for at, each in enumerate(listed)]
    further = tuple(FurtherFacility(section.id("id"), section.slug("slug")) for section in sections)
    for section in sections:
        section.finish()
    return further


def _check_further(settings: UnitSettings, errors: list[FieldError]) -> None:
    ids, slugs = [settings.facility_id], [settings.facility_slug]
    for at, each in enumerate(settings.further):
        if each.id in ids:
            errors.append(FieldError(f"facilities.{at}.id", "taken", "another facility has this id"))
        if each.slug in slugs:
            errors.append(FieldError(f"facilities.{at}.slug", "taken", "another facility has this slug"))
        if len(str(settings.run / each.slug).encode()) > LONGEST_SOCKET_FOLDER:
            words = f"with it, the folder of the sockets is longer than {LONGEST_SOCKET_FOLDER} bytes"
            errors.append(FieldError(f"facilities.{at}.slug", "too_long", words))
        ids.append(each.id)
        slugs.append(each.slug)


def _broker(broker: Section) -> BrokerSettings:
    return BrokerSettings(
        host=broker.text("host"),
        port=broker.number("port", 1, HIGHEST_PORT, 1883),
        user=broker.text("user") if broker.has("user") else None,
        password_file=_path(broker, "password_file") if broker.has("password_file") else None,
    )


def _mail(mail: Section) -> MailSettings:
    settings = MailSettings(
        host=mail.text("host"),
        sender=mail.text("sender"),
        port=mail.number("port", 1, HIGHEST_PORT, 587),
        security=mail.choice("security", MailSecurity, MailSecurity.STARTTLS),
        user=mail.text("user") if mail.has("user") else None,
        password_file=_path(mail, "password_file") if mail.has("password_file") else None,
    )
    if mail.has("sender") and not _ADDRESS.fullmatch(settings.sender):
        mail.mistake("sender", "not_an_email", "must be an e-mail address such as hall@example.org")
    if (settings.user is None) != (settings.password_file is None):
        mail.mistake("password_file", "missing", "user and password_file go together")
    return settings


def _sms(sms: Section) -> SmsSettings:
    settings = SmsSettings(
        sender=sms.text("sender"),
        user=sms.text("user"),
        password_file=_path(sms, "password_file"),
        url=sms.text("url", "https://api.46elks.com").rstrip("/"),
    )
    if sms.has("sender") and not _SENDER.fullmatch(settings.sender):
        sms.mistake("sender", "invalid", "must be at most 11 letters and digits, or a number such as +46701234567")
    if not settings.url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        sms.mistake("url", "not_https", "must begin with https://; http is for an emulator on this machine")
    return settings


def _records(records: Section) -> RecordSettings:
    settings = RecordSettings(
        identifiable_days=records.number("identifiable_days", 1, LONGEST_IDENTIFIABLE_DAYS, USUAL_IDENTIFIABLE_DAYS),
        kept_days=records.number("kept_days", 31, LONGEST_KEPT_DAYS, 365),
        purpose=records.text("purpose", ""),
        legal_hold=records.flag("legal_hold"),
    )
    if settings.identifiable_days > USUAL_IDENTIFIABLE_DAYS and not settings.purpose:
        records.mistake("purpose", "missing", "say why door records must name the booking for more than 30 days")
    if settings.kept_days < settings.identifiable_days:
        records.mistake("kept_days", "out_of_range", "must not be less than identifiable_days")
    return settings


def _path(section: Section, name: str, longest: int = 4096) -> Path:
    path = Path(section.text(name, longest=longest))
    if section.has(name) and not path.is_absolute():
        section.mistake(name, "not_absolute", "must be an absolute path")
    return path


def write(settings: UnitSettings) -> str:
    """The configuration file that `load` reads as `settings`."""
    sections: dict[str, dict[str, object]] = {
        "unit": {
            "data": settings.data,
            "run": settings.run,
            "facility": settings.facility_id,
            "slug": settings.facility_slug,
        },
        "web": {
            "host": settings.web.host,
            "port": settings.web.port,
            "live_port": settings.web.live_port,
            "threads": settings.web.threads,
            "public_url": settings.web.public_url,
        },
        "clock": {"source": settings.clock},
        "gpio": {"pins": settings.gpio_pins, "wire_socket": settings.wire_socket},
    }
    kept = settings.records
    if kept != RecordSettings():
        sections["records"] = {
            "identifiable_days": kept.identifiable_days,
            "kept_days": kept.kept_days,
            "purpose": kept.purpose or None,
            "legal_hold": kept.legal_hold,
        }
    if settings.broker is not None:
        broker = settings.broker
        named = {"user": broker.user, "password_file": broker.password_file}
        sections["broker"] = {"host": broker.host, "port": broker.port, **named}
    sections |= {name: asdict(part) for name, part in (("mail", settings.mail), ("sms", settings.sms)) if part}
    tables: list[tuple[str, Mapping[str, object]]] = [*sections.items()]
    tables += [("[facilities]", {"id": each.id, "slug": each.slug}) for each in settings.further]
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items() if value is not None)
        for name, values in tables
    )


def _toml(value: object) -> str:
    # A JSON string is a TOML basic string.
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)
