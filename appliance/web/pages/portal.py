"""The portal: which facilities there are, and where a service is free, the nearest first (DY-58, DY-59)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from appliance.booking.actions.nearest import FacilityAnswer, FreeStart, Wanted
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import DAY, Instant, Interval, at_local, day_bounds, local_date
from appliance.foundation.positions import Position, parse_position
from appliance.foundation.wording import clock_text, day_text, distance_text, money_range_text
from appliance.web.pages.public import PublicFace
from appliance.web.pages.reception import Reception
from appliance.web.portal import PORTAL, Storefront, services_of
from appliance.web.speaking import language
from appliance.web.unit import Unit
from appliance.web.wall_time import read_day, read_start, written

HERE: Final = "here"  # the choice of a browser that says where it is
_NOTHING_FREE: Final = marked("Nothing is free in the two weeks from then.")
_NOT_OFFERED: Final = marked("It is not offered here.")
_LOCATING: Final = "camera=(self), microphone=(), geolocation=(self)"


def portal_page(unit: Unit, reception: Reception) -> Blueprint:
    """`/facilities`, for the first of the facilities behind an address."""
    blueprint = Blueprint("portal", __name__)
    PortalPage(PublicFace(unit, reception)).register(blueprint)
    return blueprint


@dataclass(frozen=True, slots=True)
class Row:
    """A facility as the page shows it. told: its first free time, or why there is none. address: where it is booked."""

    name: str
    where: str
    distance: str
    told: str
    price: str
    address: str
    is_free: bool


class PortalPage:
    """Asks what, when and near what; answers with every facility and a way to book there."""

    def __init__(self, face: PublicFace) -> None:
        self._face = face
        self._unit = face.unit

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule(PORTAL, "facilities", self.show)

    def show(self) -> Response:
        known = self._unit.portal.open_to_strangers()
        services = services_of([catalogue for _, catalogue in known])
        origins = {c.facility.slug: c.facility for _, c in known if c.facility.position is not None}
        chosen = request.args.get("near", "")
        here = parse_position(request.args.get("at", "")) if chosen == HERE else None
        origin = origins.get(chosen)
        service = request.args.get("service", "")
        service = service if service in services else next(iter(services), "")
        near = origin.position if origin else here
        wanted = self._wanted(service, near)
        rows = [self._row(each, answer) for each, answer in self._unit.portal.ask(wanted)] if service else []
        day, time = written(wanted.starts.start, self._unit.desk.scope.zone)
        answer = self._face.page(
            "facilities.html",
            services=list(services.items()),
            service=service,
            origins=[(slug, each.name) for slug, each in origins.items()],
            chosen=chosen if near else "",
            at=str(here) if here else "",
            here_value=HERE,
            day=day,
            time=time,
            rows=rows,
        )
        answer.headers["Permissions-Policy"] = _LOCATING
        return answer

    def _wanted(self, service: str, near: Position | None) -> Wanted:
        """From the chosen moment, or now, to the end of its day on the wall of the unit's own facility."""
        zone, now = self._unit.desk.scope.zone, self._unit.clock.now()
        day = read_day(request.args.get("day", ""))
        asked = read_start(request.args.get("day", ""), request.args.get("time", ""), zone)
        if asked is None and day is not None:
            asked = at_local(day, 0, zone)
        start = min(max(now, asked or now), now + 366 * DAY)
        return Wanted(service, Interval(start, _end_of_day(start, zone)), near=near)

    def _row(self, storefront: Storefront, answer: FacilityAnswer) -> Row:
        spoken, place, first = language(), answer.facility, answer.first
        told, price, asked = (
            text(spoken, _NOT_OFFERED if answer.service is None else _NOTHING_FREE),
            "",
            dict[str, str](),
        )
        if answer.service is not None:
            asked["service"] = answer.service.slug
        if first is not None:
            start, zone = first.interval.start, place.zone
            day = day_text(spoken, local_date(start, zone), local_date(self._unit.clock.now(), zone))
            told, price = f"{day} {clock_text(spoken, start, zone)}", _price(first)
            asked["at"] = str(start)
        return Row(
            name=place.name,
            where=place.address,
            distance=distance_text(spoken, answer.distance) if answer.distance else "",
            told=told,
            price=price,
            address=f"{storefront.path}/book?{urlencode(asked)}",
            is_free=first is not None,
        )


def _price(first: FreeStart) -> str:
    return money_range_text(language(), first.price, first.price_to)


def _end_of_day(start: Instant, zone: ZoneInfo) -> Instant:
    return day_bounds(local_date(start, zone), zone).end
