"""The controller half of the driver contract: a vendor's system that is told who may enter (DR-01, DR-11, BM-27).

A controller decides at its own doors; the unit tells it whom to let in, and may ask it to unlock. What it says is
"accepted" until it, or the device behind it, is seen to hold the grant: nothing accepted is ever shown as working.

Calls block for at most `CALL_S` seconds and may come from any thread, one at a time for each controller.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from appliance.foundation.clock import Clock
from appliance.foundation.errors import FieldError
from appliance.foundation.grants import Grant
from appliance.foundation.instants import Instant, Interval
from drivers.contract import DriverHealth, Observe, Site

CALL_S: Final = 10.0
HOOK_SECRET: Final = "x-portvakt-secret"  # noqa: S105
"""The header in which the web process hands on the secret of the address that a vendor called."""


class Takes(StrEnum):
    """By what a controller knows the person of a grant."""

    CARD = "card"  # the number of a card
    PIN = "pin"  # a code that people type at the vendor's own keypad
    EMAIL = "email"  # an account with the vendor
    NOBODY = "nobody"  # the time is held, for whoever the unit lets in


class Revocation(StrEnum):
    """How soon a door stops letting in a person whose grant was revoked."""

    INSTANT = "instant"
    ON_SYNC = "on_sync"  # when the controller next reaches its device
    ON_EXPIRY = "on_expiry"  # only when the grant itself ends


@dataclass(frozen=True, slots=True)
class ControllerCapabilities:
    """What a controller can do; declared by its driver, shown to the installer, relied on by the unit.

    takes: by what it knows people; empty when it holds no grants. code_digits: how many digits a code has, at least and
    at most, for one that takes PINs. resolution_s: windows are widened to whole multiples
    of it. max_grants: how many it holds at a time; None when that is not known. lists: whether it can say what it
    holds. unlocks: whether it opens a door on demand. sees_doors: whether it reports what its doors do. events:
    whether it tells who passed. works_alone: whether its doors go on letting people in without a link to it.
    """

    takes: frozenset[Takes] = frozenset()
    code_digits: tuple[int, int] = (4, 10)
    resolution_s: int = 1
    max_grants: int | None = None
    revocation: Revocation = Revocation.ON_SYNC
    lists: bool = False
    unlocks: bool = False
    sees_doors: bool = False
    events: bool = False
    works_alone: bool = False


@dataclass(frozen=True, slots=True)
class ControllerGrant:
    """One key as one controller is to hold it.

    id: stays the same for the life of the key. revision: grows with each change; an older one never overwrites a newer
    one. devices: the controller's own names of the doors, each once, sorted. window: half-open, UTC seconds.
    card: bit length and bits as `appliance.foundation.cards` writes them; email: of the account; pin: the digits. What
    the controller takes is given, and nothing else.
    """

    id: str
    revision: int
    devices: tuple[str, ...]
    window: Interval
    card: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    pin: str | None = field(default=None, repr=False)


def fingerprint_of(grant: ControllerGrant) -> str:
    """Differs when two grants open other doors, at another time, or to another person.

    It is kept and compared on the unit alone: who knows a person's address can make it too.
    """
    parts = [str(grant.window.start), str(grant.window.end), grant.card or "", (grant.email or "").casefold()]
    parts += [f"pin {grant.pin}"] if grant.pin is not None else []
    return hashlib.sha256("\n".join([*parts, *grant.devices]).encode()).hexdigest()


def unfit_code(grant: ControllerGrant, capabilities: ControllerCapabilities) -> str:
    """Why a controller cannot take the PIN of a grant; empty when it can, or is told none."""
    least, most = capabilities.code_digits
    if grant.pin is None or least <= len(grant.pin) <= most:
        return ""
    lengths = str(least) if least == most else f"{least} to {most}"
    return f"the controller takes codes of {lengths} digits, and this PIN has {len(grant.pin)}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a controller said to a grant or a revocation. `applied`: its device has it, not only its server.

    correlation: by which the result comes later; empty when none will.
    """

    applied: bool
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What came of something that was accepted before. `reason` says why it failed; empty when it was applied."""

    grant_id: str
    revision: int
    applied: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant that a controller says it holds. `on_device`: whether its device has it too.

    grant_id is empty for one that is not ours. `fingerprint` is `fingerprint_of` of what it holds, None where the
    controller does not tell enough to make it.
    """

    grant_id: str
    revision: int
    on_device: bool
    fingerprint: str | None = None


class Passage(StrEnum):
    """What a controller's event says."""

    GRANTED = "granted"
    DENIED = "denied"
    OPENED = "opened"  # by a button, by staff, or from afar


@dataclass(frozen=True, slots=True)
class ControllerEvent:
    """Somebody at a door of a controller. id: the same event twice is one. at: when it happened, UTC seconds.

    heard_at: when the vendor's server learned of it, which may be days later at a lock that works alone.
    who: the grant's id, the card or the account, as far as the controller tells. reason: the vendor's own word.
    """

    id: str
    device: str
    passage: Passage
    at: Instant
    heard_at: Instant
    grant_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events after a cursor, oldest heard first. complete_until: nothing older than this is still to come, as far as
    the controller knows; None when it cannot tell."""

    events: tuple[ControllerEvent, ...]
    cursor: str
    complete_until: Instant | None = None


Hear = Callable[[Confirmation], None]
"""Takes a confirmation; returns at once and never calls the driver."""


class Controller(Protocol):
    """The controller half of the driver contract, for one controller.

    must: `upsert` and `revoke` are idempotent by grant id and revision; repeating either is harmless.
    must: raise `DriverUnreachable` when nobody knows whether a call arrived, `DriverRefused` when a person must act.
    must: never log a card, an address or a token.
    """

    @property
    def capabilities(self) -> ControllerCapabilities:
        """What this controller can do; constant for the life of the driver."""

    def start(self, hear: Hear, known: Sequence[ControllerGrant] = ()) -> None:
        """Begin to keep the link; returns within two seconds also when the controller is away.

        known: what the controller was told before this process began, for those that keep no id of ours.
        """

    def attach(self, device: str, door_id: str, observe: Observe) -> None:
        """Report what this device's door does as observations of `door_id`. Another call replaces the former."""

    def upsert(self, grant: ControllerGrant) -> Receipt:
        """Let the controller hold a grant, or a newer revision of one."""

    def revoke(self, grant: ControllerGrant) -> Receipt:
        """Let the controller hold it no more; `grant.revision` is that of the revocation."""

    def unlock(self, device: str, grant: Grant) -> None:
        """Open one door for `grant.release_s`; dies at `grant.not_after`. Returns when the command is on its way."""

    def hold(self, device: str, released: bool) -> None:
        """Keep one door unlocked until told otherwise, or end that. `DriverRefused` when it cannot."""

    def events(self, cursor: str) -> EventPage:
        """What happened after `cursor`; an empty cursor begins now, not at the beginning of time."""

    def held(self) -> tuple[HeldGrant, ...]:
        """What the controller says it holds; only with the capability `lists`."""

    def hook(self, headers: Mapping[str, str], body: bytes) -> bool:
        """A call by the vendor that reached the web process; whether it was genuine and meant for this controller."""

    def health(self) -> DriverHealth:
        """A snapshot; never blocks."""

    def stop(self) -> None:
        """Let go of the link, within two seconds."""


@dataclass(frozen=True, slots=True)
class ControllerSettings:
    """One controller as its driver needs to know it. `settings` are the driver's own, checked by its factory.

    secrets: values of the secret files that the settings name, by setting; never in the site plan.
    """

    controller_id: str
    slug: str
    facility_slug: str
    settings: Mapping[str, object]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def _nothing(_controller: ControllerSettings) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class ControllerInfo:
    """How a controller driver presents itself; its module exposes one as `CONTROLLER`.

    capabilities: of the controller with these settings. check: every mistake in its settings; touches no device.
    build: not yet started; called only after `check` found nothing. is_real: whether steel may stand behind it.
    secrets: names of the settings that name a secret file. claims: names of what only one device can have.
    """

    name: str
    capabilities: Callable[[ControllerSettings], ControllerCapabilities]
    check: Callable[[ControllerSettings, Site], list[FieldError]]
    build: Callable[[ControllerSettings, Site, Clock], Controller]
    is_real: Callable[[ControllerSettings, Site], bool]
    secrets: frozenset[str] = frozenset()
    claims: Callable[[ControllerSettings], frozenset[str]] = _nothing
