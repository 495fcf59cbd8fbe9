"""The web process put together: API, pages, kiosk, event stream and timed jobs over one booking file."""

import os
import signal
import sys
from collections.abc import Mapping

from waitress.server import create_server

from appliance.booking.actions.arriving import follow_doors
from appliance.booking.actions.holding import EXPIRE_HOLD
from appliance.booking.actions.scheduled import EXTEND_SESSIONS, expire_hold, extend_sessions
from appliance.boot.booking_side import BookingSide, open_booking_side, prepare
from appliance.boot.pid_file import pid_file
from appliance.config import UnitSettings
from appliance.door_socket.client import DoorClient
from appliance.storage.follower import JournalReader
from appliance.storage.jobs import Job
from appliance.web.app import LARGEST_BODY, make_app
from appliance.web.timekeeper import Timekeeper
from appliance.web.unit import Unit

JOBS: Mapping[str, Job] = {EXPIRE_HOLD: expire_hold, EXTEND_SESSIONS: extend_sessions}


def run(settings: UnitSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    password = prepare(settings)
    if password is not None:
        sys.stdout.write(f"First start: sign in as admin with {password} and choose a password of your own.\n")
    side = open_booking_side(settings)
    unit = unit_of(settings, side)
    timekeeper = timekeeper_of(settings, side)
    server = create_server(
        make_app(unit),
        host=settings.web.host,
        port=settings.web.port,
        threads=settings.web.threads,
        max_request_body_size=LARGEST_BODY,
        ident=None,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    with pid_file(settings.pid_folder, "web"):
        timekeeper.start()
        sys.stdout.write(f"web: ready on {settings.web.public_url}\n")
        sys.stdout.flush()
        try:
            server.run()
        finally:
            timekeeper.stop()
            unit.doors.close()
            side.book.close()
    return 0


def unit_of(settings: UnitSettings, side: BookingSide) -> Unit:
    """What the faces stand on."""
    return Unit(
        desk=side.desk,
        issuing=side.issuing,
        links=side.links,
        signing_in=side.signing_in,
        doors=DoorClient(settings.run),
        clock=side.clock,
        public_url=settings.web.public_url,
        demo=settings.clock == "pretend",
    )


def timekeeper_of(settings: UnitSettings, side: BookingSide) -> Timekeeper:
    """Timed jobs and what the doors report, for whichever web process holds the lease."""
    reader = JournalReader(settings.access_file)
    return Timekeeper(
        side.book, side.scope, f"web:{os.getpid()}", JOBS, lambda: follow_doors(side.book, side.scope, reader)
    )


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)
