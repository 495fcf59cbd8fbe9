"""Whether this unit's facility can be booked now, in words and with the address at which each blocker is mended."""

from collections.abc import Mapping
from typing import Final

from flask import request

from appliance.booking.readiness import Blocker, BlockerKind, Readiness, readiness
from appliance.booking.session_plan_store import PLANS
from appliance.foundation.i18n import marked, text
from appliance.keys.site_store import sites
from appliance.messaging import template_store
from appliance.messaging.spreading import ways_of
from appliance.messaging.templates import Way
from appliance.storage import versioned
from appliance.web.unit import Unit

_WORDS: Final[Mapping[BlockerKind, str]] = {
    BlockerKind.NO_HOURS: marked("There are no opening hours."),
    BlockerKind.NO_SERVICE: marked("There is no service that could be booked."),
    BlockerKind.NO_RESOURCE: marked("“{name}” has too few resources to take from."),
    BlockerKind.NO_MEETING: marked("“{name}” is a class without any times."),
    BlockerKind.RULE_SHUT: marked("By the rule “{name}” no customer can ever book: it closes before it opens."),
    BlockerKind.NO_WAY: marked("No door leads to “{name}”: a booking of it would have no key."),
    BlockerKind.NO_FEE: marked("By the rule “{name}” cancelling late costs, but there is no fee product."),
    BlockerKind.PROMOTES_TOO_LATE: marked(
        "By the rule “{name}” people get a place when cancelling is not free any more."
    ),
    BlockerKind.UNLINKED_RULE: marked("Nothing goes by the rule “{name}”."),
    BlockerKind.MAIL_OFF: marked("E-mail is not in the configuration: nobody is told anything by e-mail."),
    BlockerKind.SMS_OFF: marked("SMS is not in the configuration: who leaves only a telephone number is told nothing."),
}
_UNTOLD: Final[Mapping[Way, BlockerKind]] = {Way.EMAIL: BlockerKind.MAIL_OFF, Way.SMS: BlockerKind.SMS_OFF}
_MENDED: Final[Mapping[BlockerKind, str]] = {
    BlockerKind.NO_HOURS: "setup/hours/{facility}",
    BlockerKind.NO_SERVICE: "setup/services/new",
    BlockerKind.NO_RESOURCE: "setup/services/{id}",
    BlockerKind.NO_MEETING: "setup/classes/new",
    BlockerKind.RULE_SHUT: "setup/rules/{id}",
    BlockerKind.NO_WAY: "setup/doors",
    BlockerKind.NO_FEE: "setup/fee/new",
    BlockerKind.PROMOTES_TOO_LATE: "setup/rules/{id}",
    BlockerKind.UNLINKED_RULE: "setup/rules/{id}",
    BlockerKind.MAIL_OFF: "messages",
    BlockerKind.SMS_OFF: "messages",
}


def readiness_now(unit: Unit) -> Readiness:
    """What stands in the way now."""
    with unit.desk.book.read(unit.desk.scope) as tx:
        catalogue, site = unit.desk.catalogues.current(tx), sites().current(tx)
        wanted = ways_of(template_store.settings_now(tx))
        plans = [each.value for each in versioned.listed(tx, PLANS)]
        return readiness(
            catalogue,
            tx.now,
            planned={plan.service_id for plan in plans},
            with_way={resource for resource, doors in site.ways.items() if doors},
            used={plan.resource_id for plan in plans},
            untold=[_UNTOLD[way] for way in Way if way in wanted and way not in unit.channels],
        )


def told(blocker: Blocker, language: str) -> str:
    """A blocker as a sentence."""
    return text(language, _WORDS[blocker.kind], name=blocker.name)


def mended_at(unit: Unit, blocker: Blocker) -> str:
    """The address of the page on which it is mended."""
    place = _MENDED[blocker.kind].format(id=blocker.thing_id, facility=unit.desk.scope.facility_id)
    return f"{request.script_root}/admin/{place}"
