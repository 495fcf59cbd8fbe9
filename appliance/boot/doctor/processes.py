"""The unit's processes: whether they run and answer, and what the door process says of itself and its devices."""

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.boot.doctor.findings import Finding, Severity, Symptom
from appliance.config import UnitSettings
from appliance.door_socket.answers import DoorView
from appliance.door_socket.client import DoorClient, DoorRefused, DoorUnreachable
from appliance.door_socket.health_answers import DoorHealth, Trouble
from appliance.foundation.i18n import marked

ANSWER_S: Final = 3.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked of, not bound to

NOT_RUNNING = Symptom("not_running", marked("The process does not run."), marked("Start it: portvakt {process}"))
HANGS = Symptom(
    "hangs",
    marked("The process runs (pid {pid}) and does not answer: {detail}"),
    marked("Look at its log, then stop it and start it again."),
)
BROKER_AWAY = Symptom(
    "broker_away",
    marked("The broker does not answer: {detail}"),
    marked("Start it, and check broker.host and broker.port in the configuration."),
)
MAIL_AWAY = Symptom(
    "mail_away",
    marked("The mail server does not answer: {detail}"),
    marked("Check mail.host and mail.port in the configuration. Messages wait for it for five days."),
    Severity.WARNING,
)
NO_CHANNEL = Symptom(
    "no_channel",
    marked("Customers are told nothing by {channel}: it is not in the configuration."),
    marked("Write the section [{section}] of the configuration, if that is not meant so."),
    Severity.WARNING,
)
DOOR_OFFLINE = Symptom(
    "door_offline", marked("The door is out of reach."), marked("Check its power and its line to the unit.")
)
DOOR_TAMPERED = Symptom(
    "door_tampered",
    marked("A cover is open."),
    marked("Go there, look for damage, and close it."),
    Severity.WARNING,
)
EVENTS_WAIT = Symptom(
    "events_wait",
    marked("{count} door events wait in memory for the disk; a power cut would lose them."),
    marked("Mend the disk before anything else."),
)
_SAID: Final = marked("The door process says: {detail}")
# What to do about a trouble, by the first word of its name.
_REMEDIES: Final[Mapping[str, str]] = {
    "door": marked("Check its power, its line and its settings in the site plan."),
    "output": marked("Check its power, its line and its settings in the site plan."),
    "reader": marked("Check its power, its line and its settings in the site plan."),
    "controller": marked("Check its power, its line and its settings in the site plan."),
    "following": marked("Start the web process. If booking.db was moved or restored, run: portvakt reconcile --apply"),
    "signing": marked("Give the secrets back to the user that runs the door process, and start it again."),
    "file": marked("Mend the disk, then start the door process again."),
    "disk": marked("Mend the disk, then start the door process again."),
    "reserve": marked("Make room, or use a larger card."),
}
_ELSEWHERE: Final = frozenset({"site plan", "clock"})  # looked at in the files and the machine, with more to say


def check_processes(settings: UnitSettings) -> Iterator[Finding]:
    """The door process of a facility, and of the unit's own the web process: running, and answering."""
    for name in ("door", "web") if settings.home_id is None else ("door",):
        detail = _silence_of_door(settings) if name == "door" else _silence_of_web(settings)
        if detail:
            pid = running_pid(settings.pid_folder / f"{name}.pid")
            place = name if name == "web" else settings.door_name
            yield (
                HANGS.at(place, pid=pid, detail=detail)
                if pid
                else NOT_RUNNING.at(place, process=place.replace("-", " --facility ", 1))
            )


def check_channels(settings: UnitSettings) -> Iterator[Finding]:
    """Whether messages can leave: which channels are off, and whether the mail server is there (DY-63)."""
    for section, channel, part in (("mail", "e-mail", settings.mail), ("sms", "SMS", settings.sms)):
        if part is None:
            yield NO_CHANNEL.at(section, channel=channel, section=section)
    if settings.mail is not None:
        yield from _silence_of(MAIL_AWAY, settings.mail.host, settings.mail.port)


def check_broker(settings: UnitSettings) -> Iterator[Finding]:
    """Whether somebody listens where the broker should."""
    if settings.broker is None:
        return
    yield from _silence_of(BROKER_AWAY, settings.broker.host, settings.broker.port)


def _silence_of(symptom: Symptom, host: str, port: int) -> Iterator[Finding]:
    try:
        socket.create_connection((host, port), ANSWER_S).close()
    except OSError as fault:
        yield symptom.at(f"{host}:{port}", detail=fault.strerror or str(fault))


def check_devices(settings: UnitSettings) -> Iterator[Finding]:
    """What the door process says of its doors, readers, controllers, outputs and of itself; nothing while it is away.

    Its sentences are English whatever the language asked for.
    """
    with closing(DoorClient(settings.run, timeout_s=ANSWER_S)) as client:
        try:
            health, doors = client.health(), client.doors()
        except (DoorUnreachable, DoorRefused):
            return
    yield from said(health, doors)


def said(health: DoorHealth, doors: list[DoorView]) -> Iterator[Finding]:
    """The findings in what the door process said."""
    slugs = {door.id: door.slug for door in doors}
    for trouble in health.troubles:
        if trouble.name not in _ELSEWHERE:
            yield _trouble(trouble, slugs)
    told = {trouble.name for trouble in health.troubles}
    for door in doors:
        if not door.online and f"door {door.id}" not in told:
            yield DOOR_OFFLINE.at(f"door {door.slug}")
        if door.tampered:
            yield DOOR_TAMPERED.at(f"door {door.slug}")
    if health.late_events:
        yield EVENTS_WAIT.at("access.db", count=health.late_events)


def running_pid(path: Path) -> int:
    """The process of a pid file, if it lives; 0 if not, or if it only waits to be buried (proc(5))."""
    try:
        pid = int(path.read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return 0
    return 0 if state in "ZX" else pid


def _trouble(trouble: Trouble, slugs: Mapping[str, str]) -> Finding:
    kind, _, id_ = trouble.name.partition(" ")
    severity = Severity.FAULT if trouble.colour == "red" else Severity.WARNING
    remedy = _REMEDIES.get(kind, marked("Look at the log of the door process."))
    place = f"{kind} {slugs.get(id_, id_)}".strip()
    return Finding(f"{kind}_trouble", place, severity, _SAID, remedy, {"detail": trouble.sentence})


def _silence_of_door(settings: UnitSettings) -> str:
    with closing(DoorClient(settings.run, timeout_s=ANSWER_S)) as client:
        try:
            client.journal_head()
        except (DoorUnreachable, DoorRefused) as fault:
            return str(fault)
    return ""


def _silence_of_web(settings: UnitSettings) -> str:
    host = _EVERYWHERE.get(settings.web.host, settings.web.host)
    with closing(http.client.HTTPConnection(host, settings.web.port, timeout=ANSWER_S)) as line:
        try:
            line.request("GET", "/api/v1/health")
            line.getresponse().read()
        except (OSError, http.client.HTTPException) as fault:
            return str(fault)
    return ""
