"""What a form of set-up data lets one choose from: things of the catalogue by name, and words for closed lists."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from appliance.booking.services import ServiceKind
from appliance.foundation.i18n import marked, text
from appliance.foundation.wording import WEEKDAYS
from appliance.keys import store as key_store
from appliance.web.admin.asks import Options
from appliance.web.speaking import language
from appliance.web.unit import Unit, catalogue_now

Pairs = Sequence[tuple[str, str]]
ANY: Final = marked("any")
CHANNELS: Final = {"public": marked("the web"), "kiosk": marked("the kiosk"), "staff": marked("staff")}


def words(choices: Mapping[str, str]) -> Options:
    """A closed list by its marked words."""
    return lambda: [(value, text(language(), said)) for value, said in choices.items()]


def or_none(options: Options, none: str = ANY) -> Options:
    """The same, or nothing."""
    return lambda: [("", text(language(), none)), *options()]


def weekdays() -> Pairs:
    """Monday is 0."""
    return [(str(day), text(language(), said)) for day, said in enumerate(WEEKDAYS)]


def services() -> Pairs:
    """Those that are offered."""
    return [(each.id, each.name) for each in catalogue_now().services]


def classes() -> Pairs:
    """Services that have meetings."""
    return [(each.id, each.name) for each in catalogue_now().services if each.kind is ServiceKind.CLASS]


def resources() -> Pairs:
    """Everything that can be occupied, with what it is a part of."""
    tree = catalogue_now().tree
    return [
        (each, " / ".join(tree.resources[up].name for up in reversed(tree.lineage[each]))) for each in tree.resources
    ]


def counted_resources() -> Pairs:
    """Those of which there are several alike."""
    return [(each.id, each.name) for each in catalogue_now().tree.resources.values() if each.is_counted]


def owners() -> Pairs:
    """Whoever has hours: the facility, services and resources."""
    place = catalogue_now().facility
    return [(place.id, place.name), *resources(), *services()]


def doors(unit: Unit) -> Options:
    """Those of the site plan."""

    def named_doors() -> Pairs:
        with unit.desk.book.read(unit.desk.scope) as tx:
            return list(key_store.door_names(tx).items())

    return named_doors


def pools() -> Pairs:
    """Groups of resources that serve equally well."""
    return [(each.id, each.slug) for each in catalogue_now().pools.values()]


def rules() -> Pairs:
    """Booking rules by name."""
    return sorted(((each.id, each.name) for each in catalogue_now().rules.values()), key=lambda pair: pair[1])


def products() -> Pairs:
    """What customers can hold."""
    return [(each, product.name) for each, product in catalogue_now().tariff.products.items()]


def categories() -> Pairs:
    """Categories of customers."""
    return [(each, category.name) for each, category in catalogue_now().tariff.categories.items()]


def named(options: Callable[[], Pairs], value: object) -> str:
    """The words for one of them."""
    return dict(options()).get(str(value), "")
