"""What the maintenance verbs do, in plain values for the command line to print."""

from contextlib import closing

from appliance.access.reasons import SENTENCES, Reason
from appliance.config import UnitSettings
from appliance.door_socket.client import DoorClient
from appliance.foundation.i18n import text
from appliance.foundation.ids import Uuid7


def present(settings: UnitSettings, door: str, kind: str, value: str, language: str) -> dict[str, object]:
    """Present a key at a door through the door process alone, throttled as the reader `cli@DOOR`."""
    with closing(DoorClient(settings.run)) as client:
        verdict = client.present(door, kind, value, f"cli@{door}")
    sentence = SENTENCES[Reason(verdict.told)]
    return {
        "verdict": "granted" if verdict.granted else "denied",
        "reason": verdict.told,
        "message": f"{text(language, sentence.what)} {text(language, sentence.next_step)}",
        "released_s": verdict.released_s,
        "retry_at": verdict.retry_at,
        "tries_left": verdict.tries_left,
    }


def reconcile(settings: UnitSettings, *, apply: bool) -> dict[str, object]:
    """How the door's keys differ from the bookings, and whether it has now taken them over."""
    with closing(DoorClient(settings.run)) as client:
        found = client.reconcile(apply=apply, actor="cli")
    return {
        "missing": found.missing,
        "surplus": found.surplus,
        "differing": found.differing,
        "applied": found.applied,
    }


def migrate_file(settings: UnitSettings) -> str:
    """Bring `booking.db` to the newest revision, after a copy beside it; the revision it stands at then."""
    from appliance.boot.clocks import clock_of
    from appliance.storage.engine import open_engine
    from appliance.storage.migrating import back_up, migrate

    settings.data.mkdir(parents=True, exist_ok=True)
    now = clock_of(settings).now()
    if settings.booking_file.exists():
        back_up(settings.booking_file, settings.data / f"booking.db.before-migrate-{now}")
    return migrate(open_engine(settings.booking_file), Uuid7(), now)
