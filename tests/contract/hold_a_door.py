"""A process that holds a GPIO door over the wire until it is killed: SOCKET FAIL release|hold|nothing."""

import json
import sys
import threading
from pathlib import Path

from appliance.foundation.clock import SystemClock
from appliance.foundation.grants import Grant
from drivers.contract import DoorSettings, Fact, Fail, Observation, Pins, Site
from drivers.registry import ConfiguredDoor, build


def main(socket: str, fail: str, act: str) -> None:
    """Open the door's pins, do the act, say so, and never end by itself."""
    clock, locked = SystemClock(), threading.Event()

    def observe(observation: Observation) -> None:
        if observation.fact is Fact.LOCKED:
            locked.set()

    settings = DoorSettings("door", "court-1", "hall", Fail(fail), {"strike_pin": 17, "contact_pin": 27})
    driver = build(ConfiguredDoor("gpio", settings), Site(pins=Pins.WIRE, pins_socket=Path(socket)), clock)
    driver.start(observe)
    assert locked.wait(10)
    if act == "release":
        driver.release(Grant("p", "door", "court-1", None, 300, clock.now(), clock.now() + 5))
    elif act == "hold":
        driver.hold(True)
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
