"""Every capability has the same rooms: SQLAlchemy in tables and stores, no I/O and no clock in what is pure."""

import ast
from pathlib import Path

from tests.house.tree import imported, modules, name_of, tree_of

CAPABILITIES = ("billing", "booking", "customers", "identity", "keys", "messaging")
STORAGE_LIBRARIES = frozenset({"sqlalchemy", "alembic"})
OUTSIDE_WORLD = frozenset(
    {
        "asyncio",
        "http",
        "logging",
        "os",
        "random",
        "select",
        "socket",
        "sqlite3",
        "subprocess",
        "threading",
        "time",
        "urllib",
    }
)
# Secrets are files of their own, which two modules make and read; sealing takes its nonces from the system.
AT_THE_RIM = frozenset(
    {
        "appliance/keys/key_files.py",
        "appliance/keys/secrets_store.py",
        "appliance/customers/sealing.py",
        # Channels speak to the world outside; that is all they do.
        "appliance/messaging/channels/sms.py",
    }
)


def may_speak_sql(name: str) -> bool:
    """Whether a module of the product is one of the rooms where rows are read and written, or puts them together."""
    path = Path(name)
    is_room = path.stem in {"tables", "store"} or path.stem.endswith(("_tables", "_store"))
    return is_room or name.startswith(("appliance/storage/", "appliance/boot/"))


def test_sqlalchemy_is_imported_in_storage_tables_stores_and_boot_only() -> None:
    found = [name_of(path) for path in modules("appliance", "kiosk_ui") if imported(tree_of(path)) & STORAGE_LIBRARIES]
    assert [name for name in found if not may_speak_sql(name)] == []


def test_capabilities_touch_neither_clock_nor_wire_nor_file() -> None:
    found = {}
    for capability in CAPABILITIES:
        for path in modules(f"appliance/{capability}"):
            outside = imported(tree_of(path)) & OUTSIDE_WORLD
            if outside and name_of(path) not in AT_THE_RIM and not may_speak_sql(name_of(path)):
                found[name_of(path)] = sorted(outside)
    assert found == {}


def test_an_import_inside_a_function_is_seen_too() -> None:
    assert imported(ast.parse("def f():\n    from sqlalchemy.engine import Engine")) == {"sqlalchemy"}
    assert not may_speak_sql("appliance/booking/actions.py")
    assert may_speak_sql("appliance/booking/calendar_store.py")
