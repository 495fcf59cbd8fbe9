"""A gateway's memory before a vendor's server that does things in its own time (`axema_gateway`, `parakey_gateway`)."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from drivers.emulators.key_book import Key, KeyBook, SystemRefused, key_of

Done = Callable[[str], None]
"""Hears why nothing came of it; an empty text is a success."""


@dataclass(slots=True)
class CloudBook(KeyBook):
    """applied: what the vendor was seen to take. One change of a grant is under way at a time; a newer one follows."""

    applied: dict[str, Key] = field(default_factory=dict)
    _under_way: set[str] = field(default_factory=set)

    @abstractmethod
    def ask(self, former: Key | None, wanted: Key | None, done: Done) -> None:
        """Ask the vendor to hold `wanted` and not `former`; raises `SystemRefused` for what can never be."""

    @abstractmethod
    def has(self, key: Key) -> bool:
        """Whether the vendor holds all of a key."""

    def bring(self, grant: str) -> None:
        if grant in self._under_way:
            return
        former, wanted = self.applied.get(grant), self.keys.get(grant)
        if former == wanted and (wanted is None or self.has(wanted)):
            return
        self._under_way.add(grant)

        try:
            self.ask(former, wanted, partial(self._done, grant, wanted))
        except SystemRefused:
            self._under_way.discard(grant)
            raise

    def in_force(self, grant: str) -> bool:
        wanted = self.keys.get(grant)
        return self.applied.get(grant) == wanted and (wanted is None or self.has(wanted))

    def on_device(self) -> dict[str, Key]:
        return {grant: key for grant, key in self.applied.items() if self.has(key)}

    def _done(self, grant: str, wanted: Key | None, why: str) -> None:
        self._under_way.discard(grant)
        if not why and wanted is not None:
            self.applied[grant] = wanted
        elif not why:
            self.applied.pop(grant, None)
        if self.keys.get(grant) != wanted:
            self.bring(grant)
        elif why:
            self.failed.append((grant, self.revision(grant), why))

    def to_json(self) -> dict[str, Any]:
        return {**KeyBook.to_json(self), "applied": [asdict(key) for key in self.applied.values()]}

    def take(self, kept: dict[str, Any]) -> None:
        KeyBook.take(self, kept)
        self.applied = {key.grant: key for key in map(key_of, kept["applied"])}

    def clear(self) -> None:
        KeyBook.clear(self)
        self.applied = {}
