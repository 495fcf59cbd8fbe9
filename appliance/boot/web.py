"""The web process put together: API, pages, kiosk, event stream and timed jobs over one booking file."""

import os
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Flask
from waitress.server import BaseWSGIServer, create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from appliance.booking.actions import promoting, purchasing, telling, waiting
from appliance.booking.actions.answering import FORGET_ANSWERS, forget_answers
from appliance.booking.actions.arriving import follow_doors
from appliance.booking.actions.holding import EXPIRE_HOLD
from appliance.booking.actions.no_shows import RELEASE_NO_SHOW
from appliance.booking.actions.paying import EXPIRE_UNPAID
from appliance.booking.actions.scheduled import (
    EXTEND_SESSIONS,
    FORGET_REQUESTS,
    expire_hold,
    extend_sessions,
    forget_requests,
)
from appliance.boot.booking_side import BookingSide, open_booking_side, prepare
from appliance.boot.demo_hands import DemoDoors
from appliance.boot.journal_check import verify_journals
from appliance.boot.messaging_side import addresses_of, channels_of, post_of, recaps_of
from appliance.boot.pid_file import pid_file
from appliance.boot.record_rule import retention_rule
from appliance.config import ClockSource, UnitSettings, facility_path
from appliance.door_socket.client import DoorClient
from appliance.foundation.errors import NeedsAttention
from appliance.keys import backup_pins
from appliance.keys.secrets_store import open_journal_key
from appliance.messaging.actions.forgetting import FORGET_MESSAGES, forget_messages
from appliance.messaging.actions.recapping import RECAP
from appliance.storage.follower import JournalReader
from appliance.storage.jobs import Job, Prepared, Work
from appliance.storage.signing import BookSigning
from appliance.web.admin.blueprint import console
from appliance.web.app import LARGEST_BODY, make_app
from appliance.web.callers import voice
from appliance.web.controller_people import tell_people
from appliance.web.hooks import hooks
from appliance.web.journal_walk import JournalWalk
from appliance.web.kiosk_desk import KioskDesk, home_door
from appliance.web.kiosk_gate import guard_kiosk, kiosk_name
from appliance.web.live import LiveHub
from appliance.web.live_doors import LiveDoors
from appliance.web.no_shows import NoShows
from appliance.web.pages.blueprint import pages
from appliance.web.pages.book import public_pages
from appliance.web.pages.key import key_page
from appliance.web.pages.portal import portal_page
from appliance.web.pages.reception import Reception, UnitReception
from appliance.web.pages.replies import reply_pages
from appliance.web.portal import Portal, Storefront
from appliance.web.postman import Postman
from appliance.web.staff_calendar import staff_calendar
from appliance.web.sure_clock import SureClock
from appliance.web.timekeeper import Timekeeper
from appliance.web.unit import Unit
from kiosk_ui.blueprint import kiosk

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

KEPT_ANSWER: Final = 3 * 1024 * 1024
JOBS: Mapping[str, Job] = {
    EXPIRE_HOLD: expire_hold,
    waiting.LAPSE_WAITING: waiting.lapse,
    EXPIRE_UNPAID: expire_hold,
    purchasing.EXPIRE_PURCHASE: purchasing.expire,
    EXTEND_SESSIONS: extend_sessions,
    FORGET_REQUESTS: forget_requests,
    FORGET_ANSWERS: forget_answers,
    FORGET_MESSAGES: forget_messages,
}


def run(settings: UnitSettings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status."""
    password = prepare(settings)
    if password is not None:
        sys.stdout.write(f"First start: sign in as admin with {password} and choose a password of your own.\n")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    portal = Portal()
    with pid_file(settings.pid_folder, "web"), ExitStack() as running:
        home, *further = [_begun(each, portal, running) for each in settings.all_facilities]
        paths = [facility_path(each.slug) for each in settings.further]
        app = DispatcherMiddleware(home, dict(zip(paths, further, strict=True)))
        server = _listening(settings, app)
        sys.stdout.write(f"web: ready on {settings.web.public_url}\n")
        sys.stdout.flush()
        server.run()
    return 0


def _begun(settings: UnitSettings, portal: Portal, running: ExitStack) -> Flask:
    """The faces of one facility, with everything that works behind them until `running` is left."""
    side = open_booking_side(settings)
    unit = unit_of(settings, side, portal)
    hub = LiveHub(side.clock, settings.web.host, settings.web.live_port)
    timekeeper = timekeeper_of(settings, side, unit.doors)
    postman = Postman(side.book, side.scope, f"web:{os.getpid()}", post_of(settings, side))
    # The file is let go last: the timekeeper still writes when it is stopped.
    running.callback(side.book.close)
    for part in (hub, LiveDoors(unit.doors, hub), timekeeper, postman):
        part.start()
        running.callback(part.stop)
    running.callback(unit.doors.close)
    return app_of(settings, unit, hub)


def _listening(settings: UnitSettings, app: "WSGIApplication") -> BaseWSGIServer:
    try:
        return create_server(
            app,
            host=settings.web.host,
            port=settings.web.port,
            threads=settings.web.threads,
            # What is larger than a page or a call may be is refused in words, and cut off only when it is far larger.
            max_request_body_size=32 * LARGEST_BODY,
            # A month of slots goes out from memory, and not by way of a file on the card. No more than that: a hundred
            # readers who ask for much and take nothing would fill a small unit.
            outbuf_overflow=KEPT_ANSWER,
            ident=None,
        )
    except OSError as fault:
        where = f"{settings.web.host}:{settings.web.port}"
        raise NeedsAttention(f"cannot listen on {where}: {fault.strerror}; choose another port") from fault


def app_of(settings: UnitSettings, unit: Unit, hub: LiveHub) -> Flask:
    """Every face of the unit under one roof."""
    kiosk_pages = kiosk(KioskDesk(unit, home_door(unit), kiosk_name), unit.clock)
    guard_kiosk(kiosk_pages, unit)
    pretend = DemoDoors(unit.doors, settings.door_data) if unit.demo else None
    reception = UnitReception(unit)
    faces = pretend or unit.doors
    desk_pages = pages(faces, reception, demo=unit.demo, live=hub, walked=unit.doors, pretend=pretend)
    live = " ".join(f"http://{host}:{hub.port}" for host in ("127.0.0.1", "localhost"))
    staff_pages = console(unit, reception)
    return make_app(
        unit,
        (
            kiosk_pages,
            desk_pages,
            staff_pages,
            *guest_pages(unit, reception),
            hooks(unit.doors),
        ),
        live,
    )


def guest_pages(unit: Unit, reception: Reception) -> tuple[Blueprint, ...]:
    """What is seen without signing in; the portal and the calendars of staff are those of the unit's own facility."""
    shared = () if unit.recaps is None else (portal_page(unit, reception), staff_calendar(unit, unit.recaps))
    return (key_page(unit, reception), public_pages(unit, reception), reply_pages(unit, reception), *shared)


def unit_of(settings: UnitSettings, side: BookingSide, portal: Portal | None = None) -> Unit:
    """What the faces of a facility stand on; it joins the `portal`, or one of its own."""
    side.outbox.voice = voice
    portal = portal or Portal()
    path = "" if settings.home_id is None else facility_path(settings.facility_slug)
    portal.storefronts.append(Storefront(side.desk, path, settings.web.public_url))
    return Unit(
        desk=side.desk,
        issuing=side.issuing,
        cards=side.cards,
        phones=side.phones,
        backup_pins=side.backup_pins,
        links=side.links,
        signing_in=side.signing_in,
        doors=DoorClient(settings.run),
        journal_walk=JournalWalk(lambda told: verify_journals(settings, told=told), side.clock),
        retention=retention_rule(settings),
        sure_clock=SureClock(side.clock),
        clock=side.clock,
        public_url=settings.web.public_url,
        addresses=addresses_of(settings.web.public_url, side.links),
        channels=channels_of(settings, side.clock),
        demo=settings.clock is ClockSource.PRETEND,
        portal=portal,
        own_profiles=side.own_profiles,
        recaps=recaps_of(settings, side) if settings.home_id is None else None,
        path=path,
    )


def timekeeper_of(settings: UnitSettings, side: BookingSide, doors: DoorClient) -> Timekeeper:
    """Timed jobs and what the doors report, for whichever web process holds the lease."""
    reader = JournalReader(settings.access_file)
    signing, recaps = None, {}
    if settings.home_id is None:
        recaps = {RECAP: Prepared(recaps_of(settings, side).prepare)}
        signing = BookSigning(side.book, side.scope, side.clock, open_journal_key(settings.secrets, "web"))

    def follow() -> int:
        return follow_doors(side.book, side.scope, reader)

    def follow_and_tell() -> int:
        return follow() + tell_people(side.book, side.scope, doors, side.issuing.pin_of)

    asking = {RELEASE_NO_SHOW: Prepared(NoShows(side.desk, doors, follow).prepare)}
    told = {promoting.TELL_WAITING: partial(telling.tell, side.desk)}
    work: Work = {**JOBS, **told, backup_pins.JOB: side.backup_pins.keep, **asking, **recaps}
    return Timekeeper(side.book, side.scope, f"web:{os.getpid()}", work, follow_and_tell, signing)


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)
