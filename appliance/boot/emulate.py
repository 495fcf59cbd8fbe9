"""`portvakt emulate`: a device as a process of its own, for demo, tests and benches."""

import sys
from collections.abc import Sequence
from importlib import import_module

EMULATORS = {
    "axema": "drivers.emulators.axema",
    "gpio-wire": "drivers.emulators.gpio_wire",
    "mail": "drivers.emulators.mail",
    "mqtt-lock": "drivers.emulators.mqtt_lock",
    "osdp-reader": "drivers.emulators.osdp_reader",
    "parakey": "drivers.emulators.parakey",
    "rco": "drivers.emulators.rco",
    "scanner": "drivers.emulators.scanner",
    "sms": "drivers.emulators.sms",
}


def run(given: Sequence[str]) -> int:
    """Run the emulator that the first argument names, with the rest; 2 when there is none of that name."""
    if not given or given[0] not in EMULATORS:
        sys.stderr.write(f"usage: portvakt emulate {{{','.join(sorted(EMULATORS))}}} ...\n")
        return 2
    status: int = import_module(EMULATORS[given[0]]).main(given[1:])
    return status
