"""`portvakt emulate rco`: an R-CARD M5 system as a process of its own. An emulator, not RCO's.

By `--pty` or `--broker` behind our gateway (`gateway_program.py`), by `--port` over HTTP with names that are ours
(`rco_http.py`). Besides what every gateway's hand can do: swipe (device, card, pin); link and unlink (sub); night;
holiday and workday; functions (device, names); at a door (device) open, close, force.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from drivers.emulators import gateway_program, rco_http
from drivers.emulators.line_server import LineServer
from drivers.emulators.rco_system import RcoSystem, Sub


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate rco`."""
    options = argparse.ArgumentParser("portvakt emulate rco", description="R-CARD M5 as a process.")
    options.add_argument("--pty", type=Path, help="where the serial port is to be found")
    options.add_argument("--link-key", type=Path, help="file of the line's key, 64 hexadecimal digits")
    gateway_program.add_options(options)
    options.add_argument("--sub", type=_sub, action="append", required=True, help="NAME=DOOR,DOOR: a sub-controller")
    options.add_argument("--passage-delay-s", type=int, default=0, help="how late the server learns of a passage")
    options.add_argument("--port", type=int, help="port of loopback, over HTTP; 0 lets the system choose")
    options.add_argument("--template", type=_sub, action="append", default=[], help="NAME=DOOR,DOOR, over HTTP")
    options.add_argument("--user", default="portvakt", help="who signs in, over HTTP")
    options.add_argument("--secret", default="emulated-secret", help="what proves it")
    options.add_argument("--journal", type=Path, required=True, help="file to append each request to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand")
    options.add_argument("--faults", type=Path, help="TOML file of faults")
    options.add_argument("--clock-shift", type=Path, help="file that moves the clock, for a world with a pretend one")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    options = parser()
    given = options.parse_args(argv)
    system = RcoSystem(subs={name: Sub(doors) for name, doors in given.sub}, passage_delay_s=given.passage_delay_s)
    if sum(way is not None for way in (given.pty, given.broker, given.port)) != 1:
        options.error("give one of --pty with --link-key, --broker with --public-key, and --port")
    if given.port is not None:
        return rco_http.run(given, system, time.time, time.monotonic)
    return gateway_program.run(given, system, LineServer(), given.pty)


def _sub(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, doors = text.partition("=")
    return name, tuple(doors.split(","))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
