"""The vendors' controllers of the demo: their part of the site plan, their emulators, and secrets as old as the run."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from appliance.boot.demo_world import AXEMA, CLUB_ROOM, GYM, PARAKEY, RCO, SAUNA, World
from appliance.config import UnitSettings
from appliance.keys import key_files
from drivers.local_broker import HOST, answers, free_port

# A door and the controller that moves it; what the vendor calls the door.
DEVICES: Final = {GYM: (RCO, "gym"), SAUNA: (AXEMA, "sauna"), CLUB_ROOM: (PARAKEY, "room")}
NAMES: Final = {RCO: "RCO R-CARD M5", AXEMA: "Axema VAKA", PARAKEY: "Parakey"}
SUB: Final = "gym-sub"
ACCESS: Final = "sodra-room"
_ACCESS_PREFIX: Final = "sodra-"
_LISTENING_S: Final = 10
_SYSTEM, _USER, _SCHEDULE, _RESOURCE = "vaka-system", "vaka-portvakt", "vaka-week", "vaka-sauna"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a hand asks of an emulator. value: under which name it takes what a person typed; empty without."""

    message: Mapping[str, object]
    value: str = ""


HANDS: Final[Mapping[str, Mapping[str, Wish]]] = {
    RCO: {
        "swipe": Wish({"act": "swipe", "device": "gym"}, "card"),
        "cut_off": Wish({"act": "unlink", "sub": SUB}),
        "link": Wish({"act": "link", "sub": SUB}),
        "swallow": Wish({"act": "fault", "on": "request", "kind": "never_applied"}),
        "night": Wish({"act": "night"}),
    },
    AXEMA: {
        "lose_result": Wish({"act": "fault", "on": "webhook", "kind": "drop"}),
        "forbid": Wish({"act": "close", "door": "sauna"}),
        "allow": Wish({"act": "allow", "door": "sauna"}),
    },
    PARAKEY: {
        "phone": Wish({"act": "open", "access": ACCESS}, "email"),
        "offline": Wish({"act": "offline", "access": ACCESS}),
        "online": Wish({"act": "online", "access": ACCESS}),
    },
}


@dataclass(frozen=True, slots=True)
class Vendors:
    """What is another at each run. ports: on loopback, by controller; secrets: by the name of their file."""

    ports: Mapping[str, int]
    secrets: Mapping[str, str]


def chosen() -> Vendors:
    """Free ports, and secrets that nobody had before."""
    ports = {AXEMA: free_port(), PARAKEY: free_port()}
    names = ("rco.key", "axema-client", "axema-api", "axema-hook", "parakey-token", "parakey-hook")
    return Vendors(ports, {name: secrets.token_hex(32) for name in names})


def keep_secrets(vendors: Vendors, settings: UnitSettings) -> None:
    """Give the unit its copies; only their owner reads them."""
    devices = settings.secrets / "door" / "devices"
    key_files.make_folder(devices)
    for name, secret in vendors.secrets.items():
        write_secret(devices / name, secret)


def controllers(made: World, vendors: Vendors, run_folder: Path) -> list[dict[str, object]]:
    """The controllers of the site plan."""
    urls = {slug: f"http://{HOST}:{port}" for slug, port in vendors.ports.items()}
    settings = {
        RCO: _rco_settings(run_folder),
        AXEMA: _axema_settings(urls[AXEMA]),
        PARAKEY: _parakey_settings(urls[PARAKEY]),
    }
    return [
        {
            "id": made.controller_ids[slug],
            "slug": slug,
            "name": NAMES[slug],
            "driver": slug,
            "settings": {**own, "emulated": True},
        }
        for slug, own in settings.items()
    ]


def emulators(vendors: Vendors, settings: UnitSettings, controls: Mapping[str, Path]) -> dict[str, list[str]]:
    """The command of each emulator, by controller. controls: where the hand at each is.

    What is secret stands in a file that the command names, and not in the command, which everybody can read.
    """
    data, run = settings.data, settings.run
    key, hooks = run / "rco.key", f"http://{HOST}:{settings.web.port}/hooks"
    write_secret(key, vendors.secrets["rco.key"])
    journals = {slug: ["--journal", str(data / f"{slug}.jsonl"), "--control", str(controls[slug]),
                       "--clock-shift", str(data / "pretend-clock")] for slug in NAMES}  # fmt: skip
    rco = ["rco", "--pty", str(port(run)), "--link-key", str(key), "--sub", f"{SUB}=gym"]
    axema = ["axema", "--port", str(vendors.ports[AXEMA]), "--system", _SYSTEM, "--user", _USER]
    axema += ["--schedule", _SCHEDULE, "--resource", _RESOURCE, "--door", "sauna"]
    told = {"--client-secret": "axema-client", "--api-key": "axema-api"}
    given = [*(f"{option}={vendors.secrets[name]}" for option, name in told.items()),
             f"--webhook={hooks}/{AXEMA}/{vendors.secrets['axema-hook']}"]  # fmt: skip
    parakey = ["parakey", "--port", str(vendors.ports[PARAKEY]), "--access", ACCESS]
    whispered = [f"--token={vendors.secrets['parakey-token']}"]
    whispered += [f"--webhook={hooks}/{PARAKEY}/{vendors.secrets['parakey-hook']}"]
    return {
        RCO: [*rco, "--kept", str(data / "rco-cards.json"), *journals[RCO]],
        AXEMA: [*axema, *journals[AXEMA], _whispered(run / "axema.options", given)],
        PARAKEY: [*parakey, *journals[PARAKEY], _whispered(run / "parakey.options", whispered)],
    }


def write_secret(path: Path, content: str) -> None:
    """Make the file anew, for its owner alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(content + "\n")


def wait_listening(vendors: Vendors, stopping: Event) -> None:
    """Wait until the vendors' servers listen, for some seconds at most: who finds one away asks a minute later."""
    for number in vendors.ports.values():
        for _ in range(_LISTENING_S):
            if stopping.is_set() or answers(HOST, number, 1.0):
                break


def port(run_folder: Path) -> Path:
    """Where the serial port of the RCO gateway is found."""
    return run_folder / f"{RCO}.port"


def _whispered(file: Path, options: list[str]) -> str:
    write_secret(file, "\n".join(options))
    return f"@{file}"


def _rco_settings(run_folder: Path) -> dict[str, object]:
    templates = [{"name": "Gym", "devices": ["gym"]}]
    return {"port": str(port(run_folder)), "link_key": "rco.key", "templates": templates}


def _axema_settings(url: str) -> dict[str, object]:
    return {
        "base_url": url,
        "token_url": f"{url}/token",
        "client_id": "portvakt",
        "client_secret": "axema-client",
        "api_key": "axema-api",
        "hook_secret": "axema-hook",
        "system_id": _SYSTEM,
        "user_id": _USER,
        "resources": {"sauna": _RESOURCE},
        "schedules": {"sauna": _SCHEDULE},
    }


def _parakey_settings(url: str) -> dict[str, object]:
    return {
        "base_url": url,
        "manage_path": "/manageAccess",
        "events_path": "/eventLogs",
        "keys_path": "/accessKeys",
        "token_header": "Authorization",
        "token": "parakey-token",
        "hook_secret": "parakey-hook",
        "alias_prefix": _ACCESS_PREFIX,
        "event_devices": {f"lock-{ACCESS}": "room"},
    }
