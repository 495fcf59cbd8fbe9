"""The emulators of the demo, each a process of its own, and the hands that reach them."""

import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.boot import demo_vendors
from appliance.boot.children import Children
from appliance.boot.demo_hands import Hand, write_hands
from appliance.boot.demo_site import KEYPAD, KEYPAD_KEY, PINS, SCANNER, port
from appliance.boot.demo_vendors import Vendors, write_secret
from appliance.boot.demo_world import ENTRANCE, GYM, RCO
from appliance.config import SmsSettings, UnitSettings
from appliance.keys import key_files
from appliance.keys.secrets_store import load_command_key, open_door_secrets

_LOCK: Final = "court-1"


def start(children: Children, settings: UnitSettings, vendors: Vendors) -> None:
    """Start them all side by side; what each says goes into a log of its own."""
    logs = settings.data / "logs"
    logs.mkdir(exist_ok=True)
    open_door_secrets(settings.secrets)
    demo_vendors.keep_secrets(vendors, settings)
    at_controllers = {slug: _control(settings, slug) for slug in demo_vendors.NAMES}
    for name, command in {
        **demo_vendors.emulators(vendors, settings, at_controllers),
        "wire": _wire(settings),
        "lock": _lock(settings),
        KEYPAD: _keypad(settings),
        SCANNER: _scanner(settings),
        "mail": _mail(settings),
        "sms": _sms(settings),
    }.items():
        children.add(name, ["emulate", *command], logs / f"{name}.log")
    at_doors = {
        ENTRANCE: Hand(_control(settings, "wire")),
        _LOCK: Hand(_control(settings, "lock")),
        GYM: Hand(_control(settings, RCO)),
    }
    at_readers = {
        KEYPAD: Hand(_control(settings, KEYPAD), ("keys", "card")),
        SCANNER: Hand(_control(settings, SCANNER), ("qr",)),
    }
    write_hands(settings.data, at_doors, at_readers, {slug: Hand(path) for slug, path in at_controllers.items()})


def _control(settings: UnitSettings, name: str) -> Path:
    return settings.run / f"{name}-hand.sock"


def _wire(settings: UnitSettings) -> list[str]:
    pins = ",".join(f"{name.removesuffix('_pin')}={pin}" for name, pin in PINS.items())
    wire = ["gpio-wire", "--socket", str(settings.wire_socket), "--edges", str(settings.data / "edges.jsonl")]
    return [*wire, "--control", str(_control(settings, "wire")), "--door", f"{ENTRANCE}:{pins}"]


def _lock(settings: UnitSettings) -> list[str]:
    data = settings.data
    public_key = data / "lock-public.pem"
    key = load_command_key(settings.secrets)
    public_key.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    mqtt_port = settings.broker.port if settings.broker else 0
    lock = ["mqtt-lock", "--broker", f"127.0.0.1:{mqtt_port}", "--facility", settings.facility_slug, "--door", _LOCK]
    lock += ["--public-key", str(public_key), "--journal", str(data / f"lock-{_LOCK}.jsonl")]
    return [*lock, "--control", str(_control(settings, "lock")), "--clock-shift", str(data / "pretend-clock")]


def _keypad(settings: UnitSettings) -> list[str]:
    """An OSDP reader with a key that is as old as this run; the unit has its own copy of it."""
    key = secrets.token_hex(16)
    devices = settings.secrets / "door" / "devices"
    key_files.make_folder(devices)
    write_secret(devices / KEYPAD_KEY, key)
    key_file = settings.run / KEYPAD_KEY
    write_secret(key_file, key)
    reader = ["osdp-reader", "--pty", str(port(settings.run, KEYPAD)), "--key", str(key_file)]
    reader += ["--journal", str(settings.data / f"{KEYPAD}.jsonl")]
    return [*reader, "--control", str(_control(settings, KEYPAD))]


def sms_settings(data: Path, port: int) -> SmsSettings:
    """The emulator of an SMS service on a port of this machine."""
    return SmsSettings("SodraPadel", "demo", data / "sms-password", f"http://127.0.0.1:{port}")


def _mail(settings: UnitSettings) -> list[str]:
    """A mail server that keeps what it is given, a file for each letter."""
    port = settings.mail.port if settings.mail else 0
    # Letters hold keys: they are kept beside the sockets, and gone with them.
    journal, keep = str(settings.data / "mail.jsonl"), str(settings.run / "mail")
    return ["mail", "--port", str(port), "--journal", journal, "--keep", keep]


def _sms(settings: UnitSettings) -> list[str]:
    if settings.sms is None:
        return ["sms", "--journal", str(settings.data / "sms-calls.jsonl")]
    write_secret(settings.sms.password_file, secrets.token_hex(16))
    sms = ["sms", "--port", settings.sms.url.rpartition(":")[2], "--user", settings.sms.user]
    sms += ["--password-file", str(settings.sms.password_file), "--keep", str(settings.run / "sms.jsonl")]
    return [*sms, "--journal", str(settings.data / "sms-calls.jsonl")]


def _scanner(settings: UnitSettings) -> list[str]:
    return ["scanner", "--pty", str(port(settings.run, SCANNER)), "--control", str(_control(settings, SCANNER))]
