"""`portvakt demo`: a whole pretend world on one machine: broker, wires, a lock and the unit."""

import json
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from appliance.booking.catalogue import Facility
from appliance.boot import demo_devices, demo_further, demo_rooms, demo_site, demo_vendors, demo_world
from appliance.boot.booking_side import open_booking_side, prepare
from appliance.boot.children import Children
from appliance.boot.demo_further import FurtherWorld
from appliance.boot.demo_vendors import Vendors
from appliance.boot.demo_world import World
from appliance.config import (
    BrokerSettings,
    ClockSource,
    FurtherFacility,
    GpioPins,
    MailSecurity,
    MailSettings,
    UnitSettings,
    WebSettings,
)
from appliance.config_file import write
from appliance.door_socket.client import DoorClient, DoorRefused, DoorUnreachable, DoorView
from appliance.foundation.errors import NeedsAttention
from appliance.identity.signing_in import give_password, issue_device_token
from appliance.identity.store import DeviceToken
from drivers.local_broker import LocalBroker, free_port

READY_S = 30.0
_ASK_S = 0.1
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says: port of the pages, folder or None for a fresh one, seed, and whether to browse."""

    port: int
    data: Path | None
    seed: int
    browse: bool


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the demo prints once: nothing of it can be read again from its files."""

    password: str
    reader_token: str
    kiosk_token: str


def run(options: Options) -> int:
    """Print one line of JSON when everything is ready, then run until SIGTERM or SIGINT; the exit status."""
    _require_free(options.port)
    children = Children(tied=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: children.stopping.set())
    with ExitStack() as folders:
        run_folder = Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="portvakt-")))
        data = options.data or Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="portvakt-demo-")))
        data = data.resolve()
        data.mkdir(parents=True, exist_ok=True)
        _serve(options, data, run_folder, children)
    return 0


def _serve(options: Options, data: Path, run_folder: Path, children: Children) -> None:
    made, vendors, further = demo_world.world(options.seed), demo_vendors.chosen(), demo_further.world(options.seed)
    broker = LocalBroker(data / "broker")
    settings = _settings(options, data, run_folder, (made.facility, further.facility), broker.port)
    prepare(settings, made.facility, further=[further.facility])
    credentials = _furnish(settings, made, vendors)
    _furnish_further(settings.at(further.facility.slug), further)
    try:
        broker.start()
        _start(children, settings, vendors)
        if _wait_ready(settings, children):
            _announce(settings, credentials, broker, browse=options.browse)
            children.keep()
    finally:
        children.stop()
        broker.stop()


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as fault:
            raise NeedsAttention(f"port {port} cannot be used: {fault}; choose another with --port") from fault


def _settings(
    options: Options, data: Path, run_folder: Path, facilities: tuple[Facility, Facility], mqtt_port: int
) -> UnitSettings:
    own, further = facilities
    settings = UnitSettings(
        data=data,
        run=run_folder,
        facility_id=own.id,
        facility_slug=own.slug,
        clock=ClockSource.PRETEND,
        web=WebSettings("127.0.0.1", options.port, free_port(), 8, f"http://127.0.0.1:{options.port}"),
        broker=BrokerSettings("127.0.0.1", mqtt_port),
        gpio_pins=GpioPins.WIRE,
        wire_socket=run_folder / "wire.sock",
        mail=MailSettings("127.0.0.1", "hall@sodra-padel.example", free_port(), MailSecurity.NONE),
        sms=demo_devices.sms_settings(data, free_port()),
        further=(FurtherFacility(further.id, further.slug),),
    )
    # Whoever reads it while it is written reads the one before, or none.
    fresh = data / "portvakt.toml.new"
    fresh.write_text(write(settings), encoding="utf-8")
    fresh.replace(data / "portvakt.toml")
    return settings


def _furnish(settings: UnitSettings, made: World, vendors: Vendors) -> Credentials:
    """Set the facility up as far as the folder lacks it, its doors at each start; credentials are good for this run."""
    side = open_booking_side(settings)
    try:
        with side.book.write(side.scope, "demo") as tx:
            if not side.desk.catalogues.current(tx).services:
                demo_world.furnish(tx, made)
                demo_world.open_round_the_clock(tx, made)
            demo_rooms.furnish_rooms(tx, made)
            demo_rooms.furnish_card(tx)
            member = demo_rooms.member(tx)
            demo_site.desire(tx, made, settings.run, vendors)
            given = Credentials(
                password=give_password(tx, _ADMIN, one_time=False),
                reader_token=issue_device_token(tx, DeviceToken("reader", "demo", None)),
                kiosk_token=issue_device_token(tx, DeviceToken("kiosk", "demo", None)),
            )
        side.cards.bind(demo_rooms.CARD, member, "demo")
        return given
    finally:
        side.book.close()


def _furnish_further(settings: UnitSettings, further: FurtherWorld) -> None:
    side = open_booking_side(settings)
    try:
        with side.book.write(side.scope, "demo") as tx:
            demo_further.furnish(tx, further)
    finally:
        side.book.close()


def _start(children: Children, settings: UnitSettings, vendors: Vendors) -> None:
    """The doors last, so that they find what they drive; each process has its own log."""
    demo_devices.start(children, settings, vendors)
    config, logs = str(settings.data / "portvakt.toml"), settings.data / "logs"
    children.add("web", ["web", "--config", config], logs / "web.log")
    demo_vendors.wait_listening(vendors, children.stopping)
    for each in settings.all_facilities:
        asked = ["door", "--config", config, "--facility", each.facility_slug]
        children.add(each.door_name, asked, logs / f"{each.door_name}.log")


def _wait_ready(settings: UnitSettings, children: Children) -> bool:
    """Whether pages and doors answer; False when it was stopped before. NeedsAttention when they never do."""
    with ExitStack() as closing:
        clients = [DoorClient(each.run) for each in settings.all_facilities]
        for client in clients:
            closing.callback(client.close)
        for _ in range(int(READY_S / _ASK_S)):
            if _answers(settings, *clients):
                return True
            if children.stopping.wait(_ASK_S):
                return False
    raise NeedsAttention(f"the demo did not become ready; see {settings.data / 'logs'}")


def _answers(settings: UnitSettings, own: DoorClient, further: DoorClient) -> bool:
    try:
        doors, troubles = own.doors(), own.health().troubles
        if len(further.doors()) != len(demo_further.DOORS):
            return False
        with urllib.request.urlopen(f"{settings.web.public_url}/api/v1/health", timeout=2) as answer:  # noqa: S310 - http
            is_quiet = not any(trouble.name.startswith("controller ") for trouble in troubles)
            return answer.status == 200 and is_quiet and _is_whole(doors)
    except (DoorUnreachable, DoorRefused, urllib.error.URLError, OSError):
        return False


def _is_whole(doors: Sequence[DoorView]) -> bool:
    """Whether the doors are those of this run, and they and their readers are all there."""
    readers = [reader for door in doors for reader in door.readers]
    whole = len(doors) == len(demo_site.DOORS) and len(readers) == len(demo_site.READERS)
    return whole and all(door.online for door in doors) and all(reader.online for reader in readers)


def _announce(settings: UnitSettings, given: Credentials, broker: LocalBroker, *, browse: bool) -> None:
    url = settings.web.public_url
    line = {
        "ready": True,
        "web": url,
        "kiosk": f"{url}/kiosk/?device={given.kiosk_token}",
        "central": None,
        "doors": f"{url}/doors",
        "mqtt": f"{broker.host}:{broker.port}",
        "admin": {"user": _ADMIN, "password": given.password},
        "data": str(settings.data),
        "reader_token": given.reader_token,
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    if browse:
        webbrowser.open(f"{url}/doors")
