"""Reading JSON that somebody else wrote: an object of bounded size and nothing else, or nothing. Pure (DR-13)."""

import json


def object_of(payload: bytes, largest: int) -> dict[str, object]:
    """The object in at most `largest` bytes of UTF-8 JSON; empty for anything else.

    A name that stands twice in one object, NaN and Infinity make it nothing: two readers could differ on them.
    """
    found = _read(payload, largest)
    return found if isinstance(found, dict) else {}


def list_of(payload: bytes, largest: int) -> list[object] | None:
    """The list in at most `largest` bytes of UTF-8 JSON; None for anything else."""
    found = _read(payload, largest)
    return found if isinstance(found, list) else None


def _read(payload: bytes, largest: int) -> object:
    if len(payload) > largest:
        return None
    try:
        return json.loads(payload, object_pairs_hook=_without_repeats, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is repeated")
    return found


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
