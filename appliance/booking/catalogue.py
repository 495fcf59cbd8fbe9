"""What one facility offers, as one value: its resources, pools, services, rules and hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from appliance.billing.tariff import Tariff
from appliance.booking.bookings import Booking
from appliance.booking.custom_fields import CustomField
from appliance.booking.extras import Extra
from appliance.booking.resources import Pool, Resource, Tree
from appliance.booking.rules import BookingRule
from appliance.booking.schedule import WeeklyHours
from appliance.booking.services import Service, ServiceKind
from appliance.booking.visibility import PLAIN_ADMISSION, Admission, Sight, WhoMayBook
from appliance.foundation.positions import Position

OPEN_RULE = BookingRule(id="")


@dataclass(frozen=True, slots=True)
class Facility:
    """One place, as its customers know it. `region` is the ISO 3166 country whose phone numbers need no prefix.

    position: where it is, None where nobody has said.
    """

    id: str
    slug: str
    name: str
    zone: ZoneInfo
    currency: str
    region: str
    address: str
    help_phone: str
    rule_id: str | None
    admission: Admission = PLAIN_ADMISSION
    position: Position | None = None

    @property
    def written_position(self) -> str | None:
        """Where it is, in degrees."""
        return None if self.position is None else str(self.position)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything of a facility that changes when its owner changes it, and not when somebody books.

    services: in the order in which they are offered. vat_percent: contained in the prices of a service, by its id.
    extras: archived ones too, for the bookings that have them. archived: services that are offered no more.
    """

    facility: Facility
    tree: Tree
    pools: Mapping[str, Pool]
    services: Sequence[Service]
    vat_percent: Mapping[str, int]
    rules: Mapping[str, BookingRule]
    hours: Sequence[WeeklyHours]
    extras: Sequence[Extra] = ()
    fields: Sequence[CustomField] = ()
    tariff: Tariff = field(default_factory=Tariff)
    archived: Sequence[Service] = ()

    @property
    def has_hours(self) -> bool:
        """Whether the facility itself has opening hours; what stands in it may have its own besides (DY-24, BM-04)."""
        return any(line.owner_id == self.facility.id for line in self.hours)

    def service(self, name: str, sight: Sight | None = None) -> Service | None:
        """The service with that slug or id; for a caller with `sight`, only if there is one for it (DY-14).

        Without, it may be one that is offered no more: what was sold of it goes on.
        """
        known = self.services if sight else (*self.services, *self.archived)
        found = next((service for service in known if name in (service.slug, service.id)), None)
        hidden = found is not None and sight is not None and not sight.finds(found.id, found.admission.visibility)
        return None if hidden else found

    def services_for(self, sight: Sight) -> list[Service]:
        """What a caller is offered, in order. A service with a link is for those who follow it."""
        return [each for each in self.services if sight.finds(each.id, each.admission.visibility)]

    def resources_for(self, sight: Sight) -> list[Resource]:
        """The resources that a caller may see: all but those that only hidden services take."""
        seen, hidden = set[str](), set[str]()
        for service in self.services:
            taken = seen if sight.finds(service.id, service.admission.visibility) else hidden
            for leaf in self.leaves_of(service):
                taken.update(self.tree.lineage[leaf])
        return [each for each in self.tree.resources.values() if each.id in seen or each.id not in hidden]

    def resource_id(self, name: str) -> str | None:
        """The id of the resource with that slug or id."""
        if name in self.tree.resources:
            return name
        return next((found.id for found in self.tree.resources.values() if found.slug == name), None)

    def rule(self, service: Service) -> BookingRule:
        """The rule of a service: its own, else the facility's, else one that forbids nothing (BRP-02)."""
        rule_id = service.rule_id or self.facility.rule_id
        return self.rules[rule_id] if rule_id else OPEN_RULE

    def rule_by(self, rule_id: str | None, service: Service) -> BookingRule:
        """The rule that a booking of `service` was made under; the service's own where that is not known."""
        return self.rules.get(rule_id or "") or self.rule(service)

    def visible_days(self, service: Service) -> int | None:
        """How many days of a service customers see, today among them; None is all (DY-12)."""
        own = service.admission.visible_days
        return self.facility.admission.visible_days if own is None else own

    def who_may_book(self, service: Service) -> WhoMayBook:
        """Whom a service lets book (BM-05)."""
        return service.admission.who_may_book or self.facility.admission.who_may_book or WhoMayBook.OPEN

    def leaves_of(self, service: Service, named: str | None = None) -> tuple[str, ...]:
        """The ids of every leaf resource that a booking of a service without sessions could claim.

        `named` is the one resource that it must take, where a booking takes just one.
        """
        if service.kind is ServiceKind.CLASS:
            return ()
        pools = [self.pools[need.pool_id] for need in service.needs]
        pools = [pool.only(named) for pool in pools] if named else pools
        pools += [self.pools[extra.need.pool_id] for extra in service.extra_needs]
        members = (member for pool in pools for member in pool.members)
        return tuple(dict.fromkeys(leaf.id for member in members for leaf in self.tree.below[member]))

    def choices_of(self, service: Service) -> tuple[str, ...]:
        """The ids of what a booking of a service can be asked to take: a hall that goes as a whole, not its halves."""
        return tuple(dict.fromkeys(each for need in service.needs for each in self.pools[need.pool_id].members))

    def meant(self, service: Service, resource_id: str | None) -> str | None:
        """What a booking of a service takes for somebody who points at a resource: it, or what it is a part of."""
        choices, line = self.choices_of(service), self.tree.lineage.get(resource_id or "", ())
        return next((each for each in line if each in choices), None)

    def places(self, booked: Booking) -> tuple[str, ...]:
        """The resources of a booking that its service itself takes, without those of its extras."""
        service = self.service(booked.service_id)
        own = self.leaves_of(service) if service is not None else ()
        return tuple(leaf for leaf in booked.resource_ids if leaf in own) if own else booked.resource_ids

    def where(self, booked: Booking) -> list[str]:
        """What the places of a booking are called; nothing for one in a class, whose places are no place to go to."""
        known = self.tree.resources
        return [known[each].name for each in self.places(booked) if each in known] if booked.session_id is None else []
