"""The reader half of the driver contract: what a person types or holds up, and what is shown (DR-07, DR-08, DR-09).

A reader decides nothing. It hands over an `Entry` and shows the verdict that comes back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError
from drivers.contract import DriverHealth, Site


class EntryKind(StrEnum):
    """What was read; the kind of the presentation that it becomes."""

    PIN = "pin"
    QR = "qr"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was typed or held up, whole.

    value: the digits of a keypad entry without its end key; the text of a QR; a card as `appliance.foundation.cards`
    writes its bits.
    """

    reader_id: str
    kind: EntryKind
    value: str = field(repr=False)


class Feedback(StrEnum):
    """What a reader shows and sounds (green and one beep, red and three, and so on; the driver knows its lamps)."""

    GRANTED = "granted"
    DENIED = "denied"
    LOCKED_OUT = "locked_out"  # nothing typed counts for a while
    FAULT = "fault"  # the door did not follow
    KEY = "key"  # a key of the pad was pressed


Read = Callable[[Entry], None]
"""Takes an entry; returns at once and never calls the driver."""


class Reader(Protocol):
    """The reader half of the driver contract, for one reader.

    must: an entry is bounded in length and time; what is longer, malformed or cut off is dropped, never handed over.
    must: nothing that was read is logged.
    """

    def start(self, read: Read) -> None:
        """Take hold of the device and begin to read; returns within two seconds also when it is away."""

    def show(self, feedback: Feedback) -> None:
        """Show a verdict; returns at once. A reader that can show nothing does nothing."""

    def health(self) -> DriverHealth:
        """A snapshot; never blocks."""

    def stop(self) -> None:
        """Let go of the device, within two seconds."""


class SecretKeeper(Protocol):
    """Where a driver keeps a secret that it made itself, until its device is seen to have taken it.

    Every method may raise `NeedsAttention` or `OSError` when the disk does not take or give it.
    """

    def draft(self, setting: str) -> str | None:
        """The secret that was made for a setting and is not confirmed yet."""

    def put_draft(self, setting: str, value: str) -> None:
        """Keep a secret, durable before this returns. One that is there already is never overwritten."""

    def confirm(self, setting: str) -> None:
        """The device has it: from now on it is the secret that the setting names."""


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """One reader as its driver needs to know it. `settings` are the driver's own, checked by its factory.

    secrets: values of the secret files that the settings name, by setting; never in the site plan. A file that is not
    there is missing here, and the driver's to complain of. keeper: None where the driver may make no secret.
    """

    reader_id: str
    slug: str
    settings: Mapping[str, object]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    keeper: SecretKeeper | None = field(default=None, compare=False, repr=False)


def _nothing(_reader: ReaderSettings) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """How a reader driver presents itself; its module exposes one as `READER`.

    kinds: what such readers can read. check: every mistake in its settings; touches no device. build: not yet started.
    is_real: whether steel may stand behind it. secrets: names of the settings that name a secret file.
    claims: names of what only one device can have, such as "port /dev/ttyACM0" or "address 1 on /dev/ttyAMA0".
    """

    name: str
    kinds: frozenset[EntryKind]
    check: Callable[[ReaderSettings, Site], list[FieldError]]
    build: Callable[[ReaderSettings, Site, Clock], Reader]
    is_real: Callable[[ReaderSettings, Site], bool]
    secrets: frozenset[str] = frozenset()
    claims: Callable[[ReaderSettings], frozenset[str]] = _nothing
