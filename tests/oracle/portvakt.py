"""The same worlds as the search of Portvakt sees them."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from appliance.booking.availability import Calendar, claims_by_resource, facts_window
from appliance.booking.booking_window import Channel, Window
from appliance.booking.deciding import Asking
from appliance.booking.extras import ChargedPer, ChosenExtra, Extra, with_extras
from appliance.booking.lead_time import LeadTime, LeadUnit, minutes
from appliance.booking.resources import Pool, Resource, ResourceKind, tree_of
from appliance.booking.rules import BookingRule, Windows
from appliance.booking.schedule import ExceptionKind, ScheduleException, WeeklyHours
from appliance.booking.services import Need, Service, ServiceKind
from appliance.booking.start_grids import Anchor, StartGrid
from appliance.foundation.instants import Interval
from appliance.foundation.money import Money
from tests.oracle.worlds import FACILITY, SERVICE, World
from tests.oracle.worlds import Extra as WorldExtra
from tests.oracle.worlds import Need as WorldNeed


def service_of(world: World) -> Service:
    """The service of a world; its pools are named by the number of the need."""
    return Service(
        id=SERVICE,
        slug=SERVICE,
        name="Court",
        kind=ServiceKind.INDIVIDUAL,
        durations=(world.duration,),
        prices=(Money(100, "SEK"),),
        needs=tuple(_need(str(n), need) for n, need in enumerate(world.needs)),
        grid_minutes=world.grid,
        before_minutes=world.before,
        after_minutes=world.after,
        max_quantity=99,
    )


def extras_of(extras: Sequence[WorldExtra], prefix: str = "extra-") -> list[ChosenExtra]:
    """The extras of a world; their pools are named by their own numbers behind a prefix."""
    return [
        ChosenExtra(
            Extra(
                id=f"{prefix}{number}",
                name="",
                price=Money(10, "SEK"),
                minutes=extra.minutes,
                most=extra.quantity,
                per=ChargedPer.PERSON if extra.per_person else ChargedPer.BOOKING,
                need=_need(f"{prefix}{number}", extra.need) if extra.need else None,
            ),
            extra.quantity,
        )
        for number, extra in enumerate(extras)
    ]


def taken_in(world: World) -> Service:
    """The service of a world with its extras."""
    return with_extras(service_of(world), world.duration, extras_of(world.extras))


def rule_of(world: World) -> BookingRule:
    earliest = None if world.earliest is None else LeadTime(world.earliest[0], LeadUnit(world.earliest[1]))
    public, kiosk = Window(earliest, latest=minutes(9999)), Window(earliest, latest=minutes(world.book_until))
    return BookingRule("rule", windows=Windows(public, kiosk))


def resources_of(world: World) -> list[Resource]:
    return [
        Resource(
            thing.id,
            thing.id,
            thing.id,
            ResourceKind.COUNTED if thing.counted else ResourceKind.UNIT,
            thing.capacity,
            thing.parent,
            StartGrid(thing.grid[0], Anchor.SHIFT if thing.grid[1] else Anchor.MIDNIGHT) if thing.grid else None,
        )
        for thing in world.things
    ]


def pools_of(world: World) -> dict[str, Pool]:
    """The pools of all needs, of the service and of the extras."""
    needs = {str(n): need for n, need in enumerate(world.needs)}
    needs |= {f"extra-{n}": extra.need for n, extra in enumerate(world.extras) if extra.need is not None}
    return {name: Pool(name, f"pool-{name}", need.members) for name, need in needs.items()}


def calendar_of(world: World, service: Service) -> Calendar:
    """The calendar of a world, asked from the kiosk, with the claims that meet its window."""
    zone = ZoneInfo(world.zone)
    window = facts_window(service, Interval(world.begins, world.ends), zone)
    rows = [
        (claim.resource, claim.start, claim.end, claim.quantity, claim.expires)
        for claim in world.claims
        if claim.start < window.end and claim.end > window.start
    ]
    return Calendar(
        facility_id=FACILITY,
        zone=zone,
        window=window,
        now=world.now,
        channel=Channel.KIOSK,
        asked=Asking(rule_of(world), rule_of(world), SERVICE, visible_days=world.visible_days),
        tree=tree_of(resources_of(world)),
        pools=pools_of(world),
        hours=[
            WeeklyHours(row.owner, row.weekday, row.first, row.end, _date(row.valid_from), _date(row.valid_to))
            for row in world.hours
        ],
        exceptions=[
            ScheduleException(
                each.owner, Interval(each.start, each.end), ExceptionKind.OPEN if each.opens else ExceptionKind.CLOSED
            )
            for each in world.exceptions
        ],
        claims=claims_by_resource(rows, world.now),
    )


def _need(pool_id: str, need: WorldNeed) -> Need:
    return Need(pool_id, need.quantity, need.offset, need.length)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
