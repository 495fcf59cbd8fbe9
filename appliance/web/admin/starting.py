"""From an empty unit to a first booking, a step at a time; every step has a default (BM-03).

Which step is next follows from what there is already, so that whoever was interrupted goes on where they were.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import confirming, editing
from appliance.booking.actions.confirming import Order
from appliance.booking.actions.desk import Wish
from appliance.booking.actions.searching import current_catalogue, search
from appliance.booking.booking_window import Channel
from appliance.booking.set_up_store import has_bookings
from appliance.customers.contacts import Contact
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.i18n import marked, text
from appliance.foundation.instants import DAY, Interval
from appliance.foundation.refusals import Refusal
from appliance.keys import store as key_store
from appliance.keys.site_store import sites
from appliance.web.admin.asks import Ask, AskKind, Body, Section, body_of, fresh, value_in
from appliance.web.admin.console import Console
from appliance.web.admin.hours import LINES, save_hours
from appliance.web.admin.moments import span
from appliance.web.admin.sheets import by_ask, judged, shown, slug_of
from appliance.web.api import offer_schemas, offering, place_schemas, places
from appliance.web.api.editing import Editing
from appliance.web.forms import Filled
from appliance.web.problems import sentence
from appliance.web.speaking import language

_TESTER: Final = Contact("Test", "test@example.com", None, "test@example.com")
_DAYS: Final = list(range(7))
_NO_NUMBER: Final = FieldError(
    "pin", "out_of_range", marked("Choose a number from {min} to {max}."), {"min": 0, "max": 27}
)
_ASKS: Final[Mapping[str, tuple[Ask, ...]]] = {
    "facility": (
        Ask("name", marked("What the facility is called"), required=True),
        Ask("help_phone", marked("Help by phone"), help=marked("Shown at the door when something does not open.")),
    ),
    "hours": (LINES,),
    "resource": (
        Ask(
            "name",
            marked("What can be booked"),
            help=marked("A court, a hall, a room. You can add more later, and the halves of it."),
            required=True,
        ),
    ),
    "service": (
        Ask("name", marked("What customers book"), help=marked("Such as badminton."), required=True),
        Ask("minutes", marked("Minutes"), AskKind.NUMBER, first=60),
        Ask("amount", marked("Price"), AskKind.MONEY, first=0),
    ),
    "door": (
        Ask("name", marked("The door on the way there"), required=True),
        Ask(
            "pin",
            marked("Number of its relay pin"),
            AskKind.NUMBER,
            marked("As on the board; 17 where nothing else is connected."),
            first=17,
        ),
    ),
    "test": (),
}
_HEADINGS: Final = {
    "facility": marked("The facility"),
    "hours": marked("Opening hours"),
    "resource": marked("Something to book"),
    "service": marked("A service"),
    "door": marked("A door"),
    "test": marked("A test booking"),
}
_DEFAULTS: Final[Mapping[str, Body]] = {
    "hours": {"lines": [{"from_minute": 360, "to_minute": 1320, "weekdays": _DAYS}]},
}
_NAMES: Final = {"resource": marked("Hall 1"), "service": marked("Hall"), "door": marked("Entrance")}


class StartOfConsole:
    """`/admin/start`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._desk = console.unit.desk
        self._saving: Mapping[str, Callable[[Body], None]] = {
            "facility": self._facility,
            "hours": self._hours,
            "resource": self._resource,
            "service": self._service,
            "door": self._door,
        }

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/start", "start", self.ask)
        blueprint.add_url_rule("/start", "start_next", self.save, methods=["POST"])

    def ask(self) -> ResponseReturnValue:
        step = self._step()
        if not step:
            return self._console.page("start_done.html")
        return self._form(step, self._first(step), {})

    def save(self) -> ResponseReturnValue:
        step = request.form.get("step", "")
        if step == "test":
            return self._test()
        if step not in self._saving or step != self._step():
            return self._console.done(url_for("admin.start"), text(language(), "This step is done already."))
        body = body_of(_ASKS[step], request.form, self._desk.scope.zone)
        try:
            self._saving[step](body)
        except Invalid as fault:
            return self._form(step, body, by_ask(_ASKS[step], fault.errors)), 422
        return self._console.done(url_for("admin.start"), text(language(), "Done. On to the next step."))

    def _step(self) -> str:
        """The first step that is not done yet; empty when all are."""
        catalogue = current_catalogue(self._desk)
        with self._desk.book.read(self._desk.scope) as tx:
            has_way = bool(sites().current(tx).ways)
        done = {
            "facility": offering.the_facility(self._console.unit).version > 1 or bool(catalogue.services),
            "hours": bool(catalogue.hours),
            "resource": bool(catalogue.tree.resources),
            "service": bool(catalogue.services),
            "door": has_way,
            "test": self._is_booked(),
        }
        return next((step for step, is_done in done.items() if not is_done), "")

    def _is_booked(self) -> bool:
        with self._desk.book.read(self._desk.scope) as tx:
            return has_bookings(tx)

    def _first(self, step: str) -> Body:
        first = {**fresh(_ASKS[step]), **_DEFAULTS.get(step, {})}
        if step == "facility":
            return offer_schemas.facility_shape(offering.the_facility(self._console.unit).value)
        return {**first, "name": text(language(), _NAMES[step])} if step in _NAMES else first

    def _form(self, step: str, body: Mapping[str, Any], wrong: dict[str, list[str]]) -> str:
        parts = [shown(ask, ask.name, value_in(body, ask.name), self._console) for ask in _ASKS[step]]
        steps = list(_ASKS)
        slot = self._slot() if step == "test" else None
        return self._console.page(
            "start.html",
            step=step,
            heading=text(language(), _HEADINGS[step]),
            number=steps.index(step) + 1,
            count=len(steps),
            sections=[(Section("", _ASKS[step]), parts)],
            form=Filled({}, {}, wrong),
            slot=span(slot, self._desk.scope.zone) if slot else "",
        )

    def _facility(self, body: Body) -> None:
        old = offering.the_facility(self._console.unit)
        sent = {**offer_schemas.facility_shape(old.value), **body, "version": old.version}
        known = {name: sent[name] for name in offer_schemas.FacilitySchema().fields if name in sent}
        offering.change_facility(self._console.unit, judged(offer_schemas.FacilitySchema(), known), self._console.actor)

    def _hours(self, body: Body) -> None:
        save_hours(self._console, self._desk.scope.facility_id, body["lines"], 0)

    def _resource(self, body: Body) -> None:
        slug = slug_of(str(body.get("name", ""))) or "1"
        judged(place_schemas.PlaceSchema(), {**body, "slug": slug, "kind": "unit"})
        pool = self._add(offering.POOL_EDITING, {"slug": f"{slug}-group", "members": []})
        self._add(places.place_editing(self._console.unit), {**body, "slug": slug, "kind": "unit", "pools": [pool]})

    def _service(self, body: Body) -> None:
        catalogue = current_catalogue(self._desk)
        pool = next(iter(catalogue.pools), "")
        length = {"minutes": body.get("minutes"), "amount": body.get("amount", 0)}
        sent = {"name": body.get("name"), "kind": "individual", "vat_percent": 6, "needs": [{"pool": pool}]}
        try:
            self._add(
                offering.service_editing(self._console.unit),
                {**sent, "slug": slug_of(str(body.get("name", ""))) or "1", "durations": [length]},
            )
        except Invalid as fault:
            wrong = [
                FieldError(each.field.rpartition(".")[2], each.code, each.message, each.values) for each in fault.errors
            ]
            raise Invalid(*wrong) from fault

    def _door(self, body: Body) -> None:
        pin = body.get("pin", 17)
        if not isinstance(pin, int) or not 0 <= pin <= 27:
            raise Invalid(_NO_NUMBER)
        name = str(body.get("name", "")) or text(language(), _NAMES["door"])
        place = current_catalogue(self._desk)
        with self._desk.book.write(self._desk.scope, self._console.actor) as tx:
            plan = key_store.site_plan_or_none(tx)
            door_ids = sites().current(tx).door_ids
            if not door_ids:
                facility = place.facility
                own = {"id": facility.id, "slug": facility.slug, "name": facility.name, "time_zone": facility.zone.key}
                door = {
                    "id": tx.ids.new(),
                    "slug": slug_of(name) or "entrance",
                    "name": name[:120],
                    "number": 0,
                    "driver": "gpio",
                    "settings": {"strike_pin": pin},
                }
                key_store.desire_site_plan(tx, {**(plan or {"facility": own}), "doors": [door]})
                door_ids = (str(door["id"]),)
            for resource in place.tree.resources:
                key_store.add_way(tx, resource, door_ids[0])

    def _add(self, edited: Editing[Any], body: Body) -> str:
        value = edited.read(judged(edited.body(), body))
        return editing.add(self._desk, edited.kind, edited.rules, value, self._console.actor).id

    def _slot(self) -> Interval | None:
        """The first free time of the first service."""
        catalogue, now = current_catalogue(self._desk), self._console.unit.clock.now()
        for service in catalogue.services:
            within = Interval(now, now + 14 * DAY)
            found = search(self._desk, service, within, Channel.STAFF, duration=service.durations[0])
            if len(found.starts):
                return Interval(found.starts[0], found.ends[0])
        return None

    def _test(self) -> ResponseReturnValue:
        slot = self._slot()
        if slot is None:
            return self._console.done(
                url_for("admin.setup"), text(language(), "There is no free time."), is_trouble=True
            )
        service = current_catalogue(self._desk).services[0]
        wish = Wish(service.slug, slot.start, Channel.STAFF)
        booked = confirming.confirm(self._desk, Order(wish, None, _TESTER), self._console.actor)
        if isinstance(booked, Refusal):
            said = sentence(booked, language(), self._desk.scope.zone)
            return self._console.done(url_for("admin.setup"), said, is_trouble=True)
        told = text(
            language(), "Booked: {number}. Show its key here, try the door, and cancel it.", number=booked.number
        )
        return self._console.done(url_for("admin.desk_booking", booking_id=booked.id), told)
