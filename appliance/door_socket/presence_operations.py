"""What may be asked about who is inside: how many, area by area, and that everybody has gone (AC-13)."""

from collections.abc import Mapping

from appliance.access.presences import Presences, drop_area
from appliance.door_socket.operations import required_text
from appliance.door_socket.server import Answer, Operations
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, Transaction


def presence_operations(presences: Presences, writer: DoorWriter) -> Operations:
    """The operations by their names, for the control socket."""

    def look(_ask: Mapping[str, object]) -> Answer:
        found: dict[str, list[int]] = {}
        for (area, _), presence in presences.all().items():
            found.setdefault(area, []).append(presence.inside)
        listed = sorted(found.items())
        return {"areas": [{"area": area, "bookings": len(each), "people": sum(each)} for area, each in listed]}

    def empty(ask: Mapping[str, object]) -> Answer:
        area, actor, reason = (required_text(ask, name) for name in ("area", "actor", "reason"))
        people = presences.empty(area)
        change = Change(actor, "area", area, "emptied", after={"people": people, "reason": reason})

        def write(tx: Transaction) -> None:
            drop_area(tx, area)
            tx.journal(change)

        writer.submit(write, keep=True)
        return {"people": people}

    return {"presence": look, "empty_area": empty}
