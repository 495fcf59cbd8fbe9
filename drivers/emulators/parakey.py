"""`portvakt emulate parakey`: Parakey's cloud as a process of its own. An emulator, no more.

By `--port` over HTTP on loopback, by `--broker` behind a gateway of ours (`gateway_program.py`, `parakey_gateway.py`).

Its paths are `/manageAccess`, `/eventLogs` and `/accessKeys`. The control socket takes {"act": "look"}, {"act":
"fault", "on", "kind", ...} (`http_service.py`), and what `parakey_cloud.py` says of hands: phones that open doors among
them. The Bluetooth between phone and lock is not public, and is not emulated.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from appliance.foundation.clock import PretendClock
from drivers.emulators import gateway_program
from drivers.emulators.faults import script_at
from drivers.emulators.http_service import KINDS, HttpEmulator
from drivers.emulators.line_server import LineServer
from drivers.emulators.parakey_cloud import CHANNELS, Parakey, access_of
from drivers.emulators.parakey_gateway import ParakeyGateway


def parser() -> argparse.ArgumentParser:
    """The options of `portvakt emulate parakey`."""
    options = argparse.ArgumentParser(
        "portvakt emulate parakey", description="Parakey's cloud as a process.", fromfile_prefix_chars="@"
    )
    options.add_argument("--port", type=int, help="port of loopback; 0 lets the system choose")
    options.add_argument("--journal", type=Path, required=True, help="file to append each call to, as JSON lines")
    options.add_argument("--control", type=Path, help="socket for a hand at the emulator")
    options.add_argument("--faults", type=Path, help="TOML file of faults")
    gateway_program.add_options(options)
    options.add_argument("--token", default="emulated-token", help="what is asked of callers")
    options.add_argument("--token-header", default="Authorization", help="the header it comes in")
    options.add_argument("--access", type=access_of, action="append", default=[], help="ALIAS[,restricted][,no-api]")
    options.add_argument("--webhook", default="", help="address to tell event logs to")
    options.add_argument("--webhook-header", default="", help="NAME:VALUE that is sent along")
    options.add_argument("--clock-shift", type=Path, help="file that moves the clock, for a world with a pretend one")
    return options


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; prints one line of JSON when ready."""
    options = parser()
    arguments = options.parse_args(argv)
    if (arguments.port is None) is (arguments.broker is None):
        options.error("give one of --port, and --broker with --public-key")
    pretend = PretendClock(arguments.clock_shift) if arguments.clock_shift else None

    def now() -> float:
        return time.time() + (pretend.now() - int(time.time()) if pretend else 0)

    cloud = Parakey(arguments.token, arguments.token_header.lower(), arguments.access, now, lambda _log: None)
    if arguments.broker is not None:
        return gateway_program.run(arguments, ParakeyGateway(cloud=cloud), LineServer())
    faults = script_at(arguments.faults, CHANNELS, KINDS)
    with arguments.journal.open("a", encoding="utf-8") as journal:
        emulator = HttpEmulator(cloud, faults, journal)
        if arguments.webhook:
            name, _, value = arguments.webhook_header.partition(":")
            sent = {name: value} if name else {}
            cloud.tell = lambda log: emulator.call_out("webhook", arguments.webhook, sent, log)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: emulator.lines.stop())
        emulator.run(arguments.port, arguments.control, "parakey")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
