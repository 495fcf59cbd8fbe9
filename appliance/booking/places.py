"""Places in the sessions of a class: each is one unit of the session's counted resource for as long as it lasts.

The session itself was put on the calendar by staff together with its room and trainer, so neither grid nor opening
hours are asked again, and a place needs no buffer.
"""

from appliance.booking.bitsets import peak, steps
from appliance.booking.calendar import Calendar, ClaimWish, Offers, reach
from appliance.booking.deciding import refusal
from appliance.booking.reasons import Reason
from appliance.booking.services import Service, Session
from appliance.foundation.instants import MINUTE, Instant, Interval
from appliance.foundation.refusals import Refusal


class PlaceSearch:
    """One wish (class, duration, quantity, perhaps one session's resource) on one calendar."""

    def __init__(self, calendar: Calendar, service: Service, duration: int, quantity: int, wanted: str | None) -> None:
        self._calendar = calendar
        self._service = service
        self._quantity = quantity
        fitting = (
            session
            for session in calendar.sessions
            if session.service_id == service.id
            and session.interval.seconds == duration * MINUTE
            and wanted in (None, session.resource_id)
        )
        self._sessions = sorted(fitting, key=lambda session: (session.interval, session.id))

    def refusal(self, start: Instant) -> Refusal | None:
        """Why `start` cannot be booked whatever the claims; None if it depends on those."""
        sessions = self._at(start)
        if not sessions:
            return Refusal(Reason.OFF_GRID)
        calendar = self._calendar
        return refusal(calendar.asked, calendar.channel, calendar.now, sessions[0].interval, calendar.zone)

    def claims(self, start: Instant) -> tuple[ClaimWish, ...] | Refusal:
        """What places in the first session at `start` that has enough of them claim."""
        self._calendar.require(reach(self._service, Interval(start, start + MINUTE)))
        sessions = self._at(start)
        for session in sessions:
            if self._places_left(session) >= self._quantity:
                return (ClaimWish(session.resource_id, session.interval, self._quantity),)
        if all(self._capacity(session) < self._quantity for session in sessions):
            return Refusal(Reason.QUANTITY_NOT_OFFERED)
        return Refusal(Reason.SLOT_TAKEN)

    def offers(self, within: Interval) -> Offers:
        """Every session in `within` that `refusal` and `claims` allow."""
        self._calendar.require(reach(self._service, within))
        found = [
            (session, left)
            for session, left in ((each, self._places_left(each)) for each in self._sessions)
            if within.contains(session.interval.start)
            and left >= self._quantity
            and self.refusal(session.interval.start) is None
        ]
        return Offers(
            starts=[session.interval.start for session, _ in found],
            ends=[session.interval.end for session, _ in found],
            seats_left=[left for _, left in found],
            sessions=[session.id for session, _ in found],
            named=lambda: [(session.resource_id,) for session, _ in found],
        )

    def _at(self, start: Instant) -> list[Session]:
        return [session for session in self._sessions if session.interval.start == start]

    def _capacity(self, session: Session) -> int:
        return self._calendar.tree.resources[session.resource_id].capacity

    def _places_left(self, session: Session) -> int:
        times, levels = steps(self._calendar.claims.get(session.resource_id, ()))
        return self._capacity(session) - peak(times, levels, session.interval.start, session.interval.end)
