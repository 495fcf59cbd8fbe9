"""The ledgers of clips and of money: the database itself lets no card go below zero and nothing be written over.

A correction is one more row. Whatever happens, the rows of a clip card add up to what is left of it, zero or more.
"""

NO_CLIPS_LEFT = "no_clips_left"
APPEND_ONLY = "append_only"

_BELOW_ZERO = f"""
    SELECT RAISE(ABORT, '{NO_CLIPS_LEFT}') WHERE
        (SELECT e.kind FROM entitlement e WHERE e.id = NEW.entitlement_id) = 'clips'
        AND (SELECT TOTAL(u.delta) FROM entitlement_use u WHERE u.entitlement_id = NEW.entitlement_id) < 0;
"""  # noqa: S608 - built from constants only


def _never(name: str, happening: str, table: str, when: str = "") -> tuple[str, str]:
    refused = f"SELECT RAISE(ABORT, '{APPEND_ONLY}');"
    return name, f"CREATE TRIGGER {name} {happening} ON {table} {when} BEGIN {refused} END"


TRIGGERS = dict(
    [
        (
            "clips_guard_insert",
            f"CREATE TRIGGER clips_guard_insert AFTER INSERT ON entitlement_use BEGIN{_BELOW_ZERO}END",
        ),
        _never("clips_guard_update", "BEFORE UPDATE", "entitlement_use"),
        _never("clips_guard_delete", "BEFORE DELETE", "entitlement_use"),
        # A card that is put in anew could be of another kind, or of another id, than that of its uses.
        _never(
            "clips_guard_kind",
            "BEFORE UPDATE OF id, kind",
            "entitlement",
            "WHEN NEW.id <> OLD.id OR NEW.kind <> OLD.kind",
        ),
        _never(
            "clips_guard_card",
            "AFTER INSERT",
            "entitlement",
            "WHEN EXISTS (SELECT 1 FROM entitlement_use u WHERE u.entitlement_id = NEW.id)",
        ),
        _never("ledger_guard_update", "BEFORE UPDATE", "ledger_entry"),
        _never("ledger_guard_delete", "BEFORE DELETE", "ledger_entry"),
        _never(
            "ledger_guard_insert",
            "BEFORE INSERT",
            "ledger_entry",
            "WHEN EXISTS (SELECT 1 FROM ledger_entry l WHERE l.id = NEW.id)",
        ),
    ]
)
