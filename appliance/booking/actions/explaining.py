"""Why a time can or cannot be booked: line by line of the rule in force, and what else stands in the way (BRP-01)."""

from dataclasses import dataclass

from appliance.booking.actions.desk import Desk, Wish, resolved, terms_for
from appliance.booking.availability import assign
from appliance.booking.calendar_store import calendar
from appliance.booking.deciding import Asking, Finding, findings
from appliance.foundation.instants import MINUTE, Interval
from appliance.foundation.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "why not?". refusal: what booking would be told now, None if it would be taken."""

    asked: Asking
    findings: tuple[Finding, ...]
    refusal: Refusal | None


def explain(desk: Desk, wish: Wish) -> Explanation:
    """What booking `wish` now would be told and why; Invalid when it names things that do not exist."""
    with desk.book.read(desk.scope) as tx:
        catalogue = desk.catalogues.current(tx)
        visit, resource_id = resolved(catalogue, wish)
        slot = Interval(wish.start, wish.start + visit.minutes * MINUTE)
        starts = Interval(wish.start, wish.start + 1)
        asked = terms_for(desk, tx, visit.service, wish.channel, starts, wish.customer_id)
        found = calendar(tx, catalogue, visit.whole, starts, wish.channel, asked)
        lines = findings(asked, wish.channel, tx.now, slot, tx.scope.zone)
    claims = assign(found, visit.whole, wish.start, visit.minutes, wish.quantity, resource_id)
    return Explanation(asked, tuple(lines), claims if isinstance(claims, Refusal) else None)
