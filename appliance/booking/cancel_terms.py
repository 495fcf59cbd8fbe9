"""On which terms a booking may be cancelled or moved now (BRP-05, BRP-07, BRP-11, BRP-15, BRP-16, BRP-21)."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.booking.reasons import Reason
from appliance.booking.rules import BookingRule, Cancelling
from appliance.foundation.instants import MINUTE, Instant
from appliance.foundation.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Made:
    """What the terms depend on of a booking: its start, when it was made, whether a key of it was used, its moves."""

    start: Instant
    committed_at: Instant
    key_used: bool
    moves: int = 0


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """Cancelling is allowed for `percent` of what was charged. by_grace: only because it was made just now."""

    percent: int
    by_grace: bool = False


def cancel_terms(rule: BookingRule, now: Instant, made: Made, zone: ZoneInfo) -> CancelTerms | Refusal:
    """What cancelling costs its customer now, or why it cannot be: `too_late_to_cancel`, `too_early_to_cancel`.

    Within the grace it is free however late, until a key is used.
    """
    terms = rule.cancelling
    if now > terms.until.before(made.start, zone):
        return CancelTerms(0, by_grace=True) if in_grace(terms, now, made) else Refusal(Reason.TOO_LATE_TO_CANCEL)
    if terms.earliest is not None and now < (opens := terms.earliest.before(made.start, zone)):
        return Refusal(Reason.TOO_EARLY_TO_CANCEL, opens)
    percent = percent_at(terms, now, made.start)
    if percent and in_grace(terms, now, made):
        return CancelTerms(0, by_grace=True)
    return CancelTerms(percent)


def percent_at(terms: Cancelling, now: Instant, start: Instant) -> int:
    """The percent of the strictest step of which less than `before_minutes` is left; after the start nothing is."""
    left = max(start - now, 0)
    able = [tier for tier in terms.tiers if left < tier.before_minutes * MINUTE]
    return min(able, key=lambda tier: tier.before_minutes).percent if able else 0


def in_grace(terms: Cancelling, now: Instant, made: Made) -> bool:
    """Whether it was made so lately that it may be taken back free of charge; using a key ends that."""
    return not made.key_used and now - made.committed_at <= terms.grace_s


def leans_on_grace(rule: BookingRule, now: Instant, made: Made, zone: ZoneInfo) -> bool:
    """Whether a cancel now is free or allowed by the grace alone, so that its keys must be retired unused first."""
    terms = cancel_terms(rule, now, made, zone)
    return isinstance(terms, CancelTerms) and terms.by_grace


def may_move(rule: BookingRule, now: Instant, made: Made, zone: ZoneInfo) -> Refusal | None:
    """None if its customer may move it now; else why not (BM-21)."""
    if rule.moving.most is not None and made.moves >= rule.moving.most:
        return Refusal(Reason.MOVED_TOO_OFTEN)
    if rule.moving.until is None:
        terms = cancel_terms(rule, now, made, zone)
        return terms if isinstance(terms, Refusal) else None
    late = now > rule.moving.until.before(made.start, zone) and not in_grace(rule.cancelling, now, made)
    return Refusal(Reason.TOO_LATE_TO_MOVE) if late else None
