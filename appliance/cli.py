"""The command `portvakt`: reads its arguments, calls what does the work, prints. Each verb loads only what it needs."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from appliance import __version__, config_file
from appliance.config import UnitSettings
from appliance.foundation.errors import Invalid, PortvaktError
from appliance.foundation.i18n import LANGUAGES

OK, FAILED, USAGE = 0, 1, 2
Verb = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; exit status 0 done, 1 failed, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["emulate"]:
        return _emulate(given[1:])
    options = parser().parse_args(given)
    verb: Verb = options.verb
    try:
        return verb(options)
    except Invalid as fault:
        for error in fault.errors:
            print(f"{error.field}: {error.told('en')}", file=sys.stderr)
        return FAILED
    except PortvaktError as fault:
        print(f"portvakt: {fault}", file=sys.stderr)
        return FAILED


def parser() -> argparse.ArgumentParser:
    """Every verb and option."""
    root = argparse.ArgumentParser("portvakt", description="The door keeper of an unstaffed facility.")
    root.add_argument("--version", action="version", version=f"portvakt {__version__}")
    verbs = root.add_subparsers(required=True, metavar="VERB")
    demo = verbs.add_parser("demo", help="a whole pretend facility on this machine")
    demo.add_argument("--port", type=int, default=8080, help="port of the pages (8080)")
    demo.add_argument("--data", type=Path, help="folder of its files; a fresh one unless given")
    demo.add_argument("--seed", type=int, default=1, help="another number, another facility id and doors (1)")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.set_defaults(verb=_demo)
    for name, verb, about in (
        ("run", _run, "door and web as children of one process"),
        ("door", _door, "the door process"),
        ("web", _web, "pages, kiosk, API and timed jobs"),
        ("migrate", _migrate, "bring booking.db to the shape of this version"),
    ):
        made = _with_config(verbs.add_parser(name, help=about))
        made.set_defaults(verb=verb)
        if name == "door":
            _with_facility(made)
    check = verbs.add_parser("check-config", help="every mistake in a configuration")
    _with_place(check).add_argument("file", type=Path, metavar="FILE", nargs="?", help="the same as --config FILE")
    check.set_defaults(verb=_check_config)
    _add_questions(verbs)
    walk = verbs.add_parser("commission", help="walk over the doors: try each, and get a signed record")
    _with_facility(_with_walk(walk)).set_defaults(verb=_commission)
    bench = verbs.add_parser("bench", help="measure the promises about speed and memory")
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    bench.set_defaults(verb=_bench)
    verbs.add_parser("emulate", help="a device as a process of its own: a board, a lock, a reader", add_help=False)
    return root


def _add_questions(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What is asked of a unit that is there."""
    reconcile = _with_facility(
        _with_json(verbs.add_parser("reconcile", help="compare the doors' keys with the bookings"))
    )
    reconcile.add_argument("--apply", action="store_true", help="have the doors take over what the bookings say")
    reconcile.set_defaults(verb=_reconcile)
    present = _with_facility(_with_json(verbs.add_parser("present", help="present a key at a door")))
    present.add_argument("door", metavar="DOOR", help="slug or id of the door")
    key = present.add_mutually_exclusive_group(required=True)
    key.add_argument("--pin", metavar="VALUE", help="a PIN")
    key.add_argument("--qr", metavar="VALUE", help="the text of a QR pass")
    key.add_argument("--card", metavar="VALUE", help="the bits of a card, such as 26:2EC0C86")
    present.set_defaults(verb=_present)
    verify = verbs.add_parser("verify-journal", help="walk both journals and check their signatures")
    _with_facility(_with_json(verify))
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="what --json printed earlier, kept elsewhere")
    verify.set_defaults(verb=_verify_journal)
    doctor = _with_json(verbs.add_parser("doctor", help="name every fault of a unit, and what to do about it"))
    doctor.add_argument("--language", choices=LANGUAGES, help="sv, en or fr; that of the terminal unless said")
    doctor.set_defaults(verb=_doctor)


def _with_config(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    verb.add_argument("--config", type=Path, metavar="FILE", help="the configuration file")
    return verb


def _with_place(verb: argparse.ArgumentParser) -> argparse._MutuallyExclusiveGroup:
    """Where the configuration lies, said in one way only; the group, for a verb that knows one more."""
    place = verb.add_mutually_exclusive_group()
    place.add_argument("--config", type=Path, metavar="FILE", help="the configuration file")
    place.add_argument("--data", type=Path, metavar="DIR", help="a data folder with its configuration")
    return place


def _with_facility(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Which facility of the unit is meant."""
    verb.add_argument("--facility", metavar="SLUG", help="one that the unit serves besides its own")
    return verb


def _with_json(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    _with_place(verb)
    verb.add_argument("--json", action="store_true", help="print JSON")
    return verb


def _with_walk(verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Which doors to walk over, and what becomes of the record."""
    _with_place(verb)
    verb.add_argument("--doors", metavar="A,B", default="", help="slugs of the doors to try; all unless given")
    verb.add_argument("--out", type=Path, metavar="FOLDER", default=Path(), help="where the record goes (here)")
    verb.add_argument("--language", choices=LANGUAGES, default="en", help="of the questions and the paper (en)")
    verb.add_argument("--record", type=Path, metavar="FILE", help="only check whether this record was altered")
    return verb


def _settings(options: argparse.Namespace) -> UnitSettings:
    settings, facility = config_file.load(_config_path(options)), getattr(options, "facility", None)
    return settings if facility is None else settings.at(facility)


def _config_path(options: argparse.Namespace) -> Path:
    if getattr(options, "data", None) is not None:
        return Path(options.data) / "portvakt.toml"
    named = options.config or os.environ.get("PORTVAKT_CONFIG")
    return Path(named) if named else config_file.DEFAULT_PATH


def _demo(options: argparse.Namespace) -> int:
    from appliance.boot import demo

    return demo.run(demo.Options(options.port, options.data, options.seed, browse=not options.no_browser))


def _run(options: argparse.Namespace) -> int:
    from appliance.boot import run

    return run.run(_config_path(options), _settings(options))


def _door(options: argparse.Namespace) -> int:
    from appliance.boot import door

    return door.run(_settings(options))


def _web(options: argparse.Namespace) -> int:
    from appliance.boot import web

    return web.run(_settings(options))


def _check_config(options: argparse.Namespace) -> int:
    path = options.file or _config_path(options)
    config_file.load(path)
    print(f"{path}: no mistakes")
    return OK


def _migrate(options: argparse.Namespace) -> int:
    from appliance.boot.maintenance import migrate_file

    print(f"booking.db stands at revision {migrate_file(_settings(options))}")
    return OK


def _reconcile(options: argparse.Namespace) -> int:
    from appliance.boot.maintenance import reconcile

    found = reconcile(_settings(options), apply=options.apply)
    _print(options, found, f"missing {found['missing']}, surplus {found['surplus']}, differing {found['differing']}")
    return OK


def _present(options: argparse.Namespace) -> int:
    from appliance.boot.maintenance import present
    from appliance.foundation.i18n import DEFAULT_LANGUAGE, environment_language

    language = environment_language(os.environ) or DEFAULT_LANGUAGE
    kind = next(name for name in ("pin", "qr", "card") if getattr(options, name) is not None)
    verdict = present(_settings(options), options.door, kind, getattr(options, kind), language)
    _print(options, verdict, str(verdict["message"]))
    return OK if verdict["verdict"] == "granted" else FAILED


def _verify_journal(options: argparse.Namespace) -> int:
    from appliance.boot.journal_check import verify_journals

    found = verify_journals(_settings(options), options.anchor)
    lines = [f"{name}: {check['message']}" for name, check in found.items()]
    _print(options, found, "\n".join(lines))
    return OK if all(check["holds"] for check in found.values()) else FAILED


def _doctor(options: argparse.Namespace) -> int:
    from appliance.boot import doctor

    return doctor.run(_config_path(options), as_json=options.json, language=options.language)


def _commission(options: argparse.Namespace) -> int:
    from appliance.boot import commissioning

    settings = _settings(options)
    if options.record is not None:
        print(commissioning.checked(settings, options.record))
        return OK
    doors = [door.strip() for door in options.doors.split(",") if door.strip()]
    return commissioning.run(settings, doors, options.out, options.language)


def _bench(options: argparse.Namespace) -> int:
    from appliance.boot import bench

    return bench.run(as_json=options.json, quick=options.quick)


def _emulate(given: Sequence[str]) -> int:
    from appliance.boot.emulate import run

    return run(given)


def _print(options: argparse.Namespace, data: object, text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if options.json else text)
