"""The facilities of an organisation behind one address: the unit's own first, then those served besides (DY-58).

Each has its own pages, calls and kiosk below a path of its own, and nothing of one is seen through another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from appliance.booking.actions import nearest
from appliance.booking.actions.desk import Desk
from appliance.booking.actions.nearest import FacilityAnswer, Wanted
from appliance.booking.actions.searching import current_catalogue
from appliance.booking.booking_window import Channel
from appliance.booking.catalogue import Catalogue
from appliance.booking.visibility import Sight

PORTAL: Final = "/facilities"  # where the page of all of them is, whatever facility one comes from
_STRANGER = Sight(Channel.PUBLIC)


@dataclass(frozen=True, slots=True)
class Storefront:
    """One of the facilities. path: where its pages begin, empty for the unit's own. url: the same with the host."""

    desk: Desk
    path: str
    url: str


@dataclass(slots=True)
class Portal:
    """All of them; boot adds each as it is put together."""

    storefronts: list[Storefront] = field(default_factory=list)

    @property
    def has_several(self) -> bool:
        """Whether there is anything to choose from."""
        return len(self.storefronts) > 1

    def open_to_strangers(self) -> list[tuple[Storefront, Catalogue]]:
        """Those that offer a stranger anything, with what they offer."""
        known = [(storefront, current_catalogue(storefront.desk)) for storefront in self.storefronts]
        return [(storefront, catalogue) for storefront, catalogue in known if catalogue.services_for(_STRANGER)]

    def ask(self, wanted: Wanted) -> list[tuple[Storefront, FacilityAnswer]]:
        """What each of those answers, the best first."""
        known = {catalogue.facility.id: each for each, catalogue in self.open_to_strangers()}
        answers = nearest.nearest_first((nearest.ask(each.desk, wanted) for each in known.values()), wanted)
        return [(known[answer.facility.id], answer) for answer in answers]


def services_of(catalogues: Sequence[Catalogue]) -> dict[str, str]:
    """What strangers are offered at any of them: names by slug, as the first facility that has it calls it."""
    names: dict[str, str] = {}
    for catalogue in catalogues:
        for service in catalogue.services_for(_STRANGER):
            names.setdefault(service.slug, service.name)
    return names
