"""Refusals: a plain no as a value, with a reason code and, where it makes sense, the instant at which it would pass."""

from dataclasses import dataclass

from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class Refusal:
    """A well-formed wish that a rule or another booking does not allow.

    `reason` is a stable code, `passes_at` the first instant at which the same wish would be allowed (None when waiting
    does not help). The sentence for people is made from the code where the language is known.
    """

    reason: str
    passes_at: Instant | None = None
