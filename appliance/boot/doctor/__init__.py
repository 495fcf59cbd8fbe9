"""`portvakt doctor`: looks at everything a unit stands on, names each fault, and says what to do about it.

It reads only. A check that cannot be made is a finding too, and keeps no other from being made.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from appliance import config_file
from appliance.access.clock_keeper import MachineTime
from appliance.access.clock_trust import TimeProbe
from appliance.boot.doctor import books, machine, processes, secret_files
from appliance.boot.doctor.findings import Finding, Severity, Symptom
from appliance.boot.doctor.machine import Room
from appliance.config import UnitSettings
from appliance.foundation.clock import Clock, SystemClock
from appliance.foundation.errors import Invalid, PortvaktError
from appliance.foundation.i18n import LANGUAGES, marked, text

if TYPE_CHECKING:
    from rich.table import Table

CONFIGURATION = Symptom(
    "configuration",
    marked("The configuration is wrong: {detail}"),
    marked("Mend the configuration; portvakt check-config shows every mistake in it."),
)
NOT_CHECKED = Symptom(
    "not_checked",
    marked("This could not be checked: {detail}"),
    marked("Run portvakt doctor as the user that runs the unit, or as root."),
)
_TOLD = {Severity.FAULT: marked("fault"), Severity.WARNING: marked("warning")}
Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machine as the checks see it; a test puts another in its place."""

    clock: Clock
    probe: TimeProbe
    room: Callable[[Path], Room] = machine.room_at
    sys_folder: Path = Path("/sys")


def run(path: Path, *, as_json: bool, language: str | None) -> int:
    """Look, print what was found; 0 when there is no fault, 1 when there is one."""
    clock = SystemClock()
    found = examine(path, Surroundings(clock, MachineTime(clock)))
    language = language or _language()
    if as_json:
        print(json.dumps(report(found, language), ensure_ascii=False))
    else:
        _print(found, language)
    return 1 if has_fault(found) else 0


def examine(path: Path, around: Surroundings) -> list[Finding]:
    """Everything that is wrong with the unit of the configuration at `path`, faults first."""
    try:
        settings = config_file.load(path)
    except Invalid as wrong:
        return [CONFIGURATION.at(path, detail=f"{error.field}: {error.told('en')}") for error in wrong.errors]
    except PortvaktError as fault:
        return [CONFIGURATION.at(path, detail=fault)]
    made = [
        *checks(settings, around),
        *(each for further in settings.all_facilities[1:] for each in checks_at(further)),
    ]
    found = [finding for name, check in made for finding in _made(name, check)]
    return sorted(found, key=lambda finding: finding.severity is not Severity.FAULT)


def checks(settings: UnitSettings, around: Surroundings) -> Sequence[tuple[str, Check]]:
    """Every check by its name, from the ground up."""
    return (
        ("files", lambda: machine.check_files(settings)),
        ("disk", lambda: machine.check_disk(settings, around.room)),
        ("secrets", lambda: secret_files.check_secrets(settings)),
        ("clock", lambda: machine.check_clock(settings, around.clock, around.probe, around.sys_folder)),
        ("kernel", lambda: machine.check_kernel(settings, books.drivers_in_use(settings), around.sys_folder)),
        ("shapes", lambda: books.check_shapes(settings)),
        ("journals", lambda: books.check_journals(settings)),
        ("site plan", lambda: books.check_plan(settings)),
        ("work", lambda: books.check_work(settings)),
        ("broker", lambda: processes.check_broker(settings)),
        ("messages", lambda: processes.check_channels(settings)),
        ("processes", lambda: processes.check_processes(settings)),
        ("devices", lambda: processes.check_devices(settings)),
    )


def checks_at(further: UnitSettings) -> Sequence[tuple[str, Check]]:
    """The checks of what a further facility has for itself: its doors, their process and its files (DY-58)."""
    name = further.facility_slug
    return (
        (f"journals of {name}", lambda: books.check_journals(further)),
        (f"site plan of {name}", lambda: books.check_plan(further)),
        (f"processes of {name}", lambda: processes.check_processes(further)),
        (f"devices of {name}", lambda: processes.check_devices(further)),
    )


def has_fault(found: Iterable[Finding]) -> bool:
    """Whether anything was found that is more than a warning."""
    return any(finding.severity is Severity.FAULT for finding in found)


def report(found: Sequence[Finding], language: str) -> dict[str, object]:
    """What was found as plain values."""
    listed = []
    for finding in found:
        what, remedy = finding.told(language)
        place = {"code": finding.code, "place": finding.place, "severity": str(finding.severity)}
        listed.append({**place, "what": what, "remedy": remedy})
    return {"well": not has_fault(found), "findings": listed}


def _made(name: str, check: Check) -> list[Finding]:
    found = []
    try:
        # One by one: what was found before a check had to be given up still counts.
        for finding in check():
            found.append(finding)
    except (PortvaktError, OSError, sqlite3.Error, SQLAlchemyError, ValueError) as fault:
        found.append(NOT_CHECKED.at(name, detail=fault))
    return found


def _language() -> str:
    """That of the terminal, else English as all commands speak."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    tongue = named.partition("_")[0].partition(".")[0].lower()
    return tongue if tongue in LANGUAGES else "en"


def _print(found: Sequence[Finding], language: str) -> None:
    from rich.console import Console

    # Not a terminal: as wide as it needs, so that nothing is cut.
    console = Console(width=None if sys.stdout.isatty() else 150)
    if found:
        console.print(_table(found, language))
    if not has_fault(found):
        console.print(text(language, "No fault was found."))


def _table(found: Sequence[Finding], language: str) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    heads = (text(language, "Where"), text(language, "What is wrong"), text(language, "What to do"))
    table = Table("", *heads, show_lines=True)
    for finding in found:
        is_fault = finding.severity is Severity.FAULT
        severity = text(language, _TOLD[finding.severity])
        cells = (escape(cell) for cell in (finding.place, *finding.told(language)))
        table.add_row(f"[bold red]{severity}[/]" if is_fault else severity, *cells)
    return table
