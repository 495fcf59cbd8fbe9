"""The configuration file: only what starting needs; everything else lives in the journal of `booking.db`.

The file is TOML, found by `--config`, else `$PORTVAKT_CONFIG`, else `/etc/portvakt/portvakt.toml`. It is read whole and
every mistake in it is reported at once.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance.foundation.errors import FieldError, Invalid, NeedsAttention
from appliance.foundation.ids import is_id, is_slug

DEFAULT_PATH = Path("/etc/portvakt/portvakt.toml")
LONGEST_SOCKET_FOLDER = 90  # a Unix socket path ends at 107 bytes and the longest name in the folder is `present.sock`


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """The site's own MQTT broker."""

    host: str
    port: int
    user: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the pages and the API listen. `live_port` serves the event stream; 0 lets the system choose."""

    host: str
    port: int
    live_port: int
    threads: int
    public_url: str


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """What a unit must know before it can open its own files."""

    data: Path
    run: Path
    facility_id: str
    facility_slug: str
    clock: Literal["system", "pretend"]
    web: WebSettings
    broker: BrokerSettings | None
    gpio_pins: Literal["native", "wire"]
    wire_socket: Path | None

    @property
    def booking_file(self) -> Path:
        return self.data / "booking.db"

    @property
    def access_file(self) -> Path:
        return self.data / "access.db"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets"

    @property
    def pid_folder(self) -> Path:
        return self.data / "run"

    @property
    def present_socket(self) -> Path:
        return self.run / "present.sock"

    @property
    def control_socket(self) -> Path:
        return self.run / "control.sock"


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
    reader = _Reader(document)
    unit, web, gpio = reader.section("unit"), reader.section("web"), reader.section("gpio")
    host, port = web.text("host", "127.0.0.1"), web.number("port", 8080, 0, 65_535)
    settings = UnitSettings(
        data=unit.folder("data"),
        run=unit.folder("run", longest=LONGEST_SOCKET_FOLDER),
        facility_id=unit.checked("facility", is_id, "a UUID in lower case"),
        facility_slug=unit.checked("slug", is_slug, "a-z, 0-9 and single dashes, at most 60 characters"),
        clock="pretend" if reader.section("clock").choice("source", ("system", "pretend")) == "pretend" else "system",
        web=WebSettings(
            host=host,
            port=port,
            live_port=web.number("live_port", 0, 0, 65_535),
            threads=web.number("threads", 8, 1, 64),
            public_url=web.text("public_url", f"http://{host}:{port}").rstrip("/"),
        ),
        broker=_broker(reader) if "broker" in document else None,
        gpio_pins="wire" if gpio.choice("pins", ("native", "wire")) == "wire" else "native",
        wire_socket=gpio.folder("wire_socket") if gpio.has("wire_socket") else None,
    )
    if settings.gpio_pins == "wire" and settings.wire_socket is None:
        message = 'pins = "wire" needs the socket of the emulator'
        reader.errors.append(FieldError("gpio.wire_socket", "missing", message))
    reader.finish()
    return settings


def _broker(reader: "_Reader") -> BrokerSettings:
    broker = reader.section("broker")
    return BrokerSettings(
        host=broker.text("host", None),
        port=broker.number("port", 1883, 1, 65_535),
        user=broker.text("user", "") or None,
        password_file=broker.folder("password_file") if broker.has("password_file") else None,
    )


class _Reader:
    """The document with its mistakes; unknown sections and settings are mistakes too."""

    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self.errors: list[FieldError] = []

    def section(self, name: str) -> "_Section":
        values = self._document.get(name, {})
        if not isinstance(values, dict):
            self.errors.append(FieldError(name, "not_a_section", f"write [{name}] and its settings below it"))
            values = {}
        return _Section(name, values, self.errors)

    def finish(self) -> None:
        for name, values in self._document.items():
            if name not in SETTINGS:
                self.errors.append(FieldError(name, "unknown", f"there is no section [{name}]"))
            elif isinstance(values, dict):
                unknown = [f"{name}.{key}" for key in values if key not in SETTINGS[name]]
                self.errors.extend(FieldError(field, "unknown", "there is no such setting") for field in unknown)
        if self.errors:
            raise Invalid(*dict.fromkeys(self.errors))


class _Section:
    """Typed access to one section; a mistake is noted and a harmless value returned, so that reading goes on."""

    def __init__(self, name: str, values: Mapping[str, object], errors: list[FieldError]) -> None:
        self._name = name
        self._values = values
        self._errors = errors

    def has(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str | None) -> str:
        value = self._values.get(key, default)
        if isinstance(value, str):
            return value
        return self._mistake(key, "missing" if value is None else "not_text", "must be a text")

    def number(self, key: str, default: int, least: int, most: int) -> int:
        value = self._values.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self._mistake(key, "out_of_range", f"must be a whole number from {least} to {most}")
        return default

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        value = self._values.get(key, options[0])
        if isinstance(value, str) and value in options:
            return value
        return self._mistake(key, "not_an_option", f"must be one of {', '.join(options)}") or options[0]

    def checked(self, key: str, holds: Callable[[str], bool], wanted: str) -> str:
        value = self.text(key, None)
        if value and not holds(value):
            self._mistake(key, "malformed", f"must be {wanted}")
        return value

    def folder(self, key: str, longest: int = 4096) -> Path:
        path = Path(self.text(key, None))
        if not path.is_absolute():
            self._mistake(key, "not_absolute", "must be an absolute path")
        if len(str(path).encode()) > longest:
            self._mistake(key, "too_long", f"must be at most {longest} bytes long")
        return path

    def _mistake(self, key: str, code: str, message: str) -> str:
        self._errors.append(FieldError(f"{self._name}.{key}", code, message))
        return ""


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
    if settings.broker is not None:
        broker = settings.broker
        named = {"user": broker.user, "password_file": broker.password_file}
        sections["broker"] = {"host": broker.host, "port": broker.port, **named}
    return "\n".join(
        f"[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items() if value is not None)
        for name, values in sections.items()
    )


def _toml(value: object) -> str:
    # A JSON string is a TOML basic string.
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)
