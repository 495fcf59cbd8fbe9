"""Identifiers made where the thing is made: UUIDv7 for everything, slugs for what people and topics name."""

import os
import re
import time
import uuid
from typing import Protocol

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH = 60


class Ids(Protocol):
    """A source of fresh identifiers."""

    def new(self) -> str:
        """A UUIDv7 in its canonical text form, unique without asking anyone."""


class Uuid7:
    """Random time-ordered identifiers (RFC 9562 section 5.7)."""

    def new(self) -> str:
        return format_uuid7(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10)))


def format_uuid7(milliseconds: int, random_80_bits: int) -> str:
    """Lay out RFC 9562 section 5.7: 48 bits of time, version, 12 random bits, variant, 62 random bits."""
    high = (milliseconds & (1 << 48) - 1) << 80
    value = high | random_80_bits
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Whether `text` is a UUID in canonical form, lower case with dashes."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def is_slug(text: str) -> bool:
    """Whether `text` is a name for people, URLs and topics: `[a-z0-9-]`, no dash at an end, at most 60 characters."""
    return len(text) <= SLUG_LENGTH and _SLUG.fullmatch(text) is not None
