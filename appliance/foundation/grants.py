"""The one value that opens a door. Only `appliance.access.decision` makes one (a house test sees to it)."""

from dataclasses import dataclass

from appliance.foundation.instants import Instant


@dataclass(frozen=True, slots=True)
class Grant:
    """Permission to release one door once.

    presentation_id: the presentation that earned it; a driver that meets it twice acts once.
    door_id, door_slug: the one door it is for.
    key_id: the key that was presented; None for a release by staff.
    release_s: how long the door may be released, in seconds.
    decided_at: when the decision fell, in UTC seconds.
    not_after: a command still under way at this instant must die, in UTC seconds.
    """

    presentation_id: str
    door_id: str
    door_slug: str
    key_id: str | None
    release_s: int
    decided_at: Instant
    not_after: Instant
