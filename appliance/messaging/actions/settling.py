"""Settling how a facility writes to people; the second to save is told (DY-63, DY-71)."""

from appliance.booking.actions.desk import Desk
from appliance.messaging import template_store
from appliance.messaging.actions.recapping import RECAP
from appliance.messaging.settings import MessageSettings
from appliance.messaging.template_store import SETTINGS
from appliance.storage import jobs, versioned
from appliance.storage.unit_of_work import Transaction
from appliance.storage.versioned import ChangedMeanwhile, Edited


def settings_of(desk: Desk) -> Edited[MessageSettings]:
    """The settings as they stand; in version 0 where nobody chose any."""
    with desk.book.read(desk.scope) as tx:
        return _now(tx)


def change_settings(desk: Desk, settings: MessageSettings, version: int, actor: str) -> Edited[MessageSettings]:
    """Choose others, if `version` is the one in force; else ChangedMeanwhile."""
    with desk.book.write(desk.scope, actor) as tx:
        old = _now(tx)
        if old.version != version:
            raise ChangedMeanwhile(old)
        if jobs.is_scheduled(tx, RECAP, tx.scope.facility_id):
            # The time may be another one now, and over already.
            jobs.schedule(tx, RECAP, tx.scope.facility_id, tx.now)
        if version == 0:
            return versioned.add(tx, SETTINGS, settings)
        return versioned.change(tx, SETTINGS, old, settings, version)


def _now(tx: Transaction) -> Edited[MessageSettings]:
    return template_store.edited_settings(tx) or Edited(tx.scope.facility_id, MessageSettings(), 0, 0, "")
