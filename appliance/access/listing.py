"""Reconciliation: what a controller says it holds, beside what it was told (DR-11)."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from appliance.access import holding_store
from appliance.access.grant_life import STILL_HELD, GrantLife, LifeState, Listed, Terms, step
from appliance.access.holding_store import HeldRow
from appliance.foundation.instants import Instant
from appliance.storage.chain import Change
from appliance.storage.door_writer import DoorWriter, Transaction
from drivers.controller_contract import HeldGrant, Takes, fingerprint_of

WRITE_S: Final = 5.0
CHUNK: Final = 100


class Listing:
    """One listing of one controller."""

    def __init__(self, controller_id: str, terms: Terms, writer: DoorWriter, rows: sqlite3.Connection) -> None:
        self._controller_id = controller_id
        self._terms = terms
        self._writer = writer
        self._rows = rows

    def compare(self, held: Sequence[HeldGrant], now: Instant) -> int:
        """Let every grant learn what is held of it; how many are in another state than before."""
        by_id = {one.grant_id: one for one in held if one.grant_id}
        known, changed = set[str](), list[str]()
        for row in holding_store.rows_at(self._rows, self._controller_id):
            known.add(row.grant_id)
            if self._listed(row, by_id.get(row.grant_id), now) != row.life:
                changed.append(row.grant_id)
        surplus = [one for grant_id, one in by_id.items() if grant_id not in known]
        for at in range(0, len(changed), CHUNK):
            self._write_changed(changed[at : at + CHUNK], by_id, now)
        for at in range(0, len(surplus), CHUNK):
            self._write_surplus(surplus[at : at + CHUNK], now)
        if changed or surplus:
            body: dict[str, object] = {"held": len(held), "changed": len(changed), "surplus": len(surplus)}
            change = Change("door", "controller", self._controller_id, "reconciled", after=body)
            self._writer.submit(lambda tx: tx.journal(change), keep=True)
        return len(changed) + len(surplus)

    def _listed(self, row: HeldRow, held: HeldGrant | None, now: Instant) -> GrantLife:
        return step(row.life, Listed(held, fingerprint_of(row.grant)), now, self._terms)

    def _write_changed(self, grant_ids: list[str], by_id: dict[str, HeldGrant], now: Instant) -> None:
        def write(tx: Transaction) -> None:
            for grant_id in grant_ids:
                row = holding_store.row_of(tx, self._controller_id, grant_id)
                if row is not None:
                    after = replace(row, life=self._listed(row, by_id.get(grant_id), now))
                    holding_store.change_row(tx, row, after)

        self._writer.submit(write).wait(WRITE_S)

    def _write_surplus(self, surplus: list[HeldGrant], now: Instant) -> None:
        """What this unit gave and has forgotten, since its file was made anew, is taken back."""

        def write(tx: Transaction) -> None:
            for one in surplus:
                if holding_store.row_of(tx, self._controller_id, one.grant_id) is None:
                    life = GrantLife(
                        one.revision + 1, now, now, LifeState.REMOVING, is_wanted=False, is_told=True,
                        reason=STILL_HELD, next_at=now,
                    )  # fmt: skip
                    row = HeldRow(self._controller_id, one.grant_id, "", Takes.NOBODY, None, (), now, life)
                    holding_store.change_row(tx, None, row)

        self._writer.submit(write).wait(WRITE_S)
