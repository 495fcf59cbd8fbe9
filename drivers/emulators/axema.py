"""`portvakt emulate axema`: VAKA Online as a process of its own. An emulator, not Axema's.

By `--port` over HTTP on loopback, by `--broker` behind a gateway of ours (`gateway_program.py`, `axema_gateway.py`).

The control socket takes {"act": "look"}, {"act": "fault", "on", "kind", ...} (`http_service.py`), and what
`vaka_online.py` says of hands. A webhook is called at `--webhook`; the vendor calls https only, an emulator loopback.
"""

import argparse
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.foundation.clock import PretendClock, SystemClock
from drivers.emulators import gateway_program
from drivers.emulators.axema_gateway import AxemaGateway
from drivers.emulators.faults import script_at
from drivers.emulators.http_service import KINDS, HttpEmulator
from drivers.emulators.line_server import LineServer
from drivers.emulators.vaka_online import CHANNELS, Cloud, Place


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate axema`."""
    options = argparse.ArgumentParser(
        "portvakt emulate axema", description="VAKA Online as a process.", fromfile_prefix_chars="@"
    )
    options.add_argument("--port", type=int, help="port of loopback; 0 lets the system choose")
    options.add_argument("--journal", type=Path, required=True, help="file to append each call to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand at the emulator")
    options.add_argument("--faults", type=Path, help="TOML file of faults")
    gateway_program.add_options(options)
    options.add_argument("--resource-of", type=_pair, action="append", default=[], help="DOOR=RESOURCE, in the gateway")
    options.add_argument("--webhook", default="", help="address to tell results to")
    options.add_argument("--client-id", default="portvakt")
    options.add_argument("--client-secret", default="emulated-secret")
    options.add_argument("--api-key", default="emulated-api-key")
    options.add_argument("--system", required=True, help="id of the VAKA system")
    options.add_argument("--user", required=True, help="id of the one user")
    options.add_argument("--schedule", required=True, help="id of the one reservation schedule")
    options.add_argument("--resource", action="append", default=[], help="id of a resource; may be repeated")
    options.add_argument("--door", action="append", default=[], help="id of a door; may be repeated")
    options.add_argument("--slots", type=_slots, default=_slots("00:00-24:00/60"), help="FROM-TO/MINUTES of each day")
    options.add_argument("--time-zone", type=ZoneInfo, default=ZoneInfo("Europe/Stockholm"))
    options.add_argument("--token-life", type=int, default=3600, help="seconds that a token is good for")
    options.add_argument("--settle-ms", type=int, default=20, help="how long an accepted call takes to be done")
    options.add_argument("--clock-shift", type=Path, help="file that moves the clock, for a world with a pretend one")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    options = parser()
    arguments = options.parse_args(argv)
    if (arguments.port is None) is (arguments.broker is None):
        options.error("give one of --port, and --broker with --public-key")
    clock = PretendClock(arguments.clock_shift) if arguments.clock_shift else SystemClock()
    cloud = Cloud(_place(arguments), clock.now, lambda _event: None, lambda _act: None)
    if arguments.broker is not None:
        return _behind_gateway(cloud, arguments)
    faults = script_at(arguments.faults, CHANNELS, KINDS)
    with arguments.journal.open("a", encoding="utf-8") as journal:
        emulator = HttpEmulator(cloud, faults, journal)
        cloud.after = lambda act: emulator.lines.later(arguments.settle_ms / 1000, lambda: emulator.locked(act))
        if arguments.webhook:
            cloud.tell = lambda event: emulator.call_out("webhook", arguments.webhook, {}, event)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: emulator.lines.stop())
        emulator.run(arguments.port, arguments.control, "axema")
    return 0


def _place(arguments: argparse.Namespace) -> Place:
    return Place(
        arguments.client_id,
        arguments.client_secret,
        arguments.api_key,
        arguments.system,
        arguments.user,
        arguments.schedule,
        tuple(arguments.resource),
        tuple(arguments.door),
        arguments.slots,
        arguments.time_zone,
        arguments.token_life,
    )


def _behind_gateway(cloud: Cloud, arguments: argparse.Namespace) -> int:
    server = LineServer()
    gateway = AxemaGateway(cloud=cloud, resources=dict(arguments.resource_of))
    cloud.after = lambda act: server.later(arguments.settle_ms / 1000, act)
    cloud.tell = gateway.told
    return gateway_program.run(arguments, gateway, server)


def _pair(text: str) -> tuple[str, str]:
    door, _, resource = text.partition("=")
    return door, resource


def _slots(text: str) -> tuple[tuple[int, int], ...]:
    """Slots from `06:00-23:00/60`; ValueError for anything else."""
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)/([1-9]\d{0,3})", text)
    if match is None:
        raise ValueError("slots are FROM-TO/MINUTES, such as 06:00-23:00/60")
    from_hour, from_minute, to_hour, to_minute, length = (int(part) for part in match.groups())
    first, last = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    return tuple((start, length) for start in range(first, last - length + 1, length))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
