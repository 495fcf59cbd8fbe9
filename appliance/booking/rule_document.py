"""A booking rule as one document: what its row, the journal and the API hold; JSON throughout."""

from collections.abc import Mapping
from typing import Any

from appliance.booking.booking_window import Channel, Window
from appliance.booking.lead_time import LeadTime, LeadUnit
from appliance.booking.limits import Limit, NoShowBlock, Of, Per, Whose
from appliance.booking.rules import BookingRule, Cancelling, CancelTier, Moving, NoShows, RuleSwap, Windows

Document = Mapping[str, Any]


def terms(rule: BookingRule) -> dict[str, object]:
    """Everything of a rule but its id and its name."""
    return {
        "windows": {str(channel): _window(rule.windows.of(channel)) for channel in Channel},
        "cancelling": {
            "earliest": _lead(rule.cancelling.earliest),
            "until": _lead(rule.cancelling.until),
            "grace_s": rule.cancelling.grace_s,
            "tiers": [{"before_minutes": t.before_minutes, "percent": t.percent} for t in rule.cancelling.tiers],
        },
        "moving": {"until": _lead(rule.moving.until), "most": rule.moving.most},
        "limits": [
            {"most": each.most, "per": str(each.per), "whose": str(each.whose), "of": str(each.of)}
            for each in rule.limits
        ],
        "no_shows": {"wait_minutes": rule.no_shows.wait_minutes, "block": _block(rule.no_shows.block)},
        "promote_until": _lead(rule.promote_until),
        "swaps": [{"product": each.product_id, "rule": each.rule_id, "priority": each.priority} for each in rule.swaps],
    }


def rule_of(rule_id: str, name: str, document: Document) -> BookingRule:
    """The rule that `terms` told of. What is out of range is a ValueError; what is left out is as in a new rule."""
    windows, cancelling, moving, no_shows = (
        document.get(part) or {} for part in ("windows", "cancelling", "moving", "no_shows")
    )
    return BookingRule(
        id=rule_id,
        name=name,
        windows=Windows(*(_read_window(windows.get(str(channel)) or {}) for channel in Channel)),
        cancelling=_read_cancelling(cancelling),
        moving=Moving(_read_lead(moving.get("until")), moving.get("most")),
        limits=tuple(
            Limit(each["most"], Per(each["per"]), Whose(each.get("whose", "customer")), Of(each.get("of", "rule")))
            for each in document.get("limits", ())
        ),
        no_shows=NoShows(no_shows.get("wait_minutes"), _read_block(no_shows.get("block"))),
        promote_until=_read_lead(document.get("promote_until")),
        swaps=tuple(
            RuleSwap(each["product"], each["rule"], each.get("priority", 0)) for each in document.get("swaps", ())
        ),
    )


def _window(window: Window) -> dict[str, object]:
    return {
        "earliest": _lead(window.earliest),
        "release_minute": window.release_minute,
        "from_end": window.from_end,
        "latest": _lead(window.latest),
    }


def _lead(lead: LeadTime | None) -> dict[str, object] | None:
    return None if lead is None else {"value": lead.value, "unit": str(lead.unit)}


def _block(block: NoShowBlock | None) -> dict[str, object] | None:
    if block is None:
        return None
    return {"count": block.count, "days": block.days, "channels": sorted(block.channels)}


def _read_window(document: Document) -> Window:
    usual = Window()
    return Window(
        earliest=_read_lead(document.get("earliest")),
        release_minute=document.get("release_minute"),
        from_end=document.get("from_end", False),
        latest=_read_lead(document.get("latest")) or usual.latest,
    )


def _read_cancelling(document: Document) -> Cancelling:
    usual = Cancelling()
    return Cancelling(
        earliest=_read_lead(document.get("earliest")),
        until=_read_lead(document.get("until")) or usual.until,
        grace_s=document.get("grace_s", usual.grace_s),
        tiers=tuple(CancelTier(each["before_minutes"], each["percent"]) for each in document.get("tiers", ())),
    )


def _read_lead(document: Document | None) -> LeadTime | None:
    return None if document is None else LeadTime(document["value"], LeadUnit(document["unit"]))


def _read_block(document: Document | None) -> NoShowBlock | None:
    if document is None:
        return None
    return NoShowBlock(document["count"], document["days"], frozenset(document["channels"]))
