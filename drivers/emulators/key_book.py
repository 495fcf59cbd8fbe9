"""What a gateway's system was told, by grant and revision, and what became of it: the same for every vendor. No I/O.

Written from `drivers/gateway/PROTOCOL.md`; a system says only how a key is brought to its devices.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

PAGE: Final = 200
Act = Callable[[dict[str, Any]], dict[str, object] | None]


@dataclass(frozen=True, slots=True)
class Key:
    """One grant as a system holds it. Of `card`, `email` and `template` what the vendor has no use for is empty."""

    grant: str
    revision: int
    devices: tuple[str, ...]
    start: int
    end: int
    card: str = ""
    email: str = ""
    template: str = ""

    @property
    def fingerprint(self) -> str:
        lines = [str(self.start), str(self.end), self.card, self.email.casefold(), *self.devices]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class SystemRefused(Exception):
    """The system says no, and why."""


@dataclass(slots=True)
class KeyBook(ABC):
    """Keys and removals. swallows: how many changes more are taken and go nowhere until something wakes the system.

    due: changes whose outcome is still to be told. failed: outcomes that are a no, with the reason.
    """

    kind = ""
    swallows: int = 0
    keys: dict[str, Key] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    due: list[tuple[str, int]] = field(default_factory=list)
    failed: list[tuple[str, int, str]] = field(default_factory=list)

    @property
    @abstractmethod
    def devices(self) -> tuple[str, ...]:
        """The names of the doors."""

    @abstractmethod
    def in_force(self, grant: str) -> bool:
        """Whether the devices know of this grant what was told."""

    @abstractmethod
    def bring(self, grant: str) -> None:
        """Begin to bring to the devices what was told of this grant."""

    @abstractmethod
    def on_device(self) -> dict[str, Key]:
        """The keys with which people are let in somewhere, by grant."""

    def unlock(self, device: str, seconds: int, mono: float) -> None:
        """Open a door."""
        raise SystemRefused("this system cannot open a door")

    def hold(self, device: str, seconds: int, mono: float) -> None:
        """Keep a door open for so long; 0 ends it."""
        if seconds:
            raise SystemRefused("this system cannot keep a door open")

    def doors(self, mono: float) -> list[dict[str, object]]:
        """How each door stands, as far as the system tells."""
        return []

    def passages(self, first: int, now: int) -> list[dict[str, object]]:
        """What happened at the doors, from a number on."""
        return []

    def complete_until(self, now: int) -> int | None:
        """Nothing older is still to come."""
        return None

    def acts(self) -> dict[str, Act]:
        """What a hand can do at it besides what it can do at every gateway, by name."""
        return {}

    def revision(self, grant: str) -> int:
        key = self.keys.get(grant)
        return max(key.revision if key else 0, self.gone.get(grant, 0))

    def put(self, key: Key) -> bool:
        """Take a key; whether its devices have it. What is refused changes nothing."""
        former = self.keys.get(key.grant)
        self.keys[key.grant] = key
        try:
            applied = self._changed(key.grant, key.revision)
        except SystemRefused:
            self.keys.pop(key.grant)
            if former is not None:
                self.keys[key.grant] = former
            raise
        self.gone.pop(key.grant, None)
        return applied

    def drop(self, grant: str, revision: int) -> bool:
        """Take a key away; whether no device has it any more."""
        self.keys.pop(grant, None)
        self.gone[grant] = revision
        return self._changed(grant, revision)

    def settled(self) -> list[tuple[str, int, str]]:
        """What came of changes since they were taken, with the reason of a no; each is told once."""
        done = [(grant, revision, "") for grant, revision in self.due if self.in_force(grant)]
        done += [one for one in self.failed if one[:2] in self.due]
        self.failed = []
        self.due = [one for one in self.due if one not in {told[:2] for told in done}]
        return [one for one in done if one[1] == self.revision(one[0])]

    def listing(self, after: str) -> list[dict[str, object]]:
        """What is held anywhere, by grant."""
        return [self._listed(grant) for grant in sorted({*self.keys, *self.on_device()}) if grant > after][:PAGE]

    def to_json(self) -> dict[str, Any]:
        """What survives a power cut."""
        keys = [asdict(key) for key in self.keys.values()]
        return {"keys": keys, "gone": self.gone, "due": self.due}

    def take(self, kept: dict[str, Any]) -> None:
        """Begin with what survived."""
        self.keys = {key.grant: key for key in map(key_of, kept["keys"])}
        self.gone = dict(kept["gone"])
        self.due = [(grant, revision) for grant, revision in kept["due"]]

    def clear(self) -> None:
        """Hold nothing and know nothing, and be well."""
        self.keys, self.gone, self.due, self.failed, self.swallows = {}, {}, [], [], 0

    def _changed(self, grant: str, revision: int) -> bool:
        if self.swallows:
            self.swallows -= 1
            return False
        self.bring(grant)
        if not self.in_force(grant):
            self.due.append((grant, revision))
            return False
        return True

    def _listed(self, grant: str) -> dict[str, object]:
        key = self.keys.get(grant) or self.on_device()[grant]
        on_device = self.in_force(grant) if grant in self.keys else True
        told: dict[str, object] = {"grant": grant, "revision": self.revision(grant), "on_device": on_device}
        return {**told, "fingerprint": key.fingerprint}


def key_of(values: dict[str, Any]) -> Key:
    """A key as `asdict` wrote it."""
    return Key(**{**values, "devices": tuple(values["devices"])})
