"""What an R-CARD M5 system does, by its published concepts alone: a server, its sub-controllers, cards. No I/O.

Each behaviour has its source (the reference page of the integration, chapter 1.1):
* cards and card templates: "which card numbers are valid and which card template each gets; R-CARD decides passages";
* sub-controllers: "if the link server-sub-controller is down the change lands when it returns";
* nightly full sync: "single-person sync is immediate, a full sync runs nightly";
* delayed passages: "not quickly enough to drive live check-in";
* overlap rule: "if two door functions overlap in time, the one with the higher security level wins";
* holiday rule: "during a holiday period every function below 'card & PIN' stops working".
No path, field or code here is RCO's; what a gateway makes of them is in PROTOCOL.md.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any, Final

FUNCTIONS: Final = ("unlocked", "card", "card_and_pin", "locked")  # by rising security
PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Card:
    """One card on a server or a sub-controller."""

    grant: str
    revision: int
    devices: tuple[str, ...]
    start: int
    end: int
    card: str
    template: str

    @property
    def fingerprint(self) -> str:
        lines = [str(self.start), str(self.end), self.card, "", *self.devices]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@dataclass(slots=True)
class Sub:
    """One sub-controller: the doors on it, and the cards that it knows."""

    devices: tuple[str, ...]
    linked: bool = True
    cards: dict[str, Card] = field(default_factory=dict)


@dataclass(slots=True)
class Body:
    """One door: until when its bolt is free, by a stopwatch."""

    pulse_until: float = float("-inf")
    hold_until: float = float("-inf")
    leaf_open: bool = False
    was_free: bool = False
    functions: tuple[str, ...] = ("card",)

    def is_free(self, mono: float) -> bool:
        return mono < max(self.pulse_until, self.hold_until)


@dataclass(slots=True)
class RcoSystem:
    """The whole of it. swallows: how many changes more are taken and go nowhere until the night."""

    subs: dict[str, Sub]
    passage_delay_s: int = 0
    holiday: bool = False
    swallows: int = 0
    cards: dict[str, Card] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    due: list[tuple[str, int]] = field(default_factory=list)  # changes whose confirmation is still to come
    bodies: dict[str, Body] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bodies = {device: Body() for sub in self.subs.values() for device in sub.devices}

    def revision(self, grant: str) -> int:
        card = self.cards.get(grant)
        return max(card.revision if card else 0, self.gone.get(grant, 0))

    def put(self, card: Card) -> bool:
        """Take a card; whether every sub-controller that needs it has it."""
        self.gone.pop(card.grant, None)
        self.cards[card.grant] = card
        return self._changed(card.grant, card.revision)

    def drop(self, grant: str, revision: int) -> bool:
        """Take a card away; whether no sub-controller has it any more."""
        self.cards.pop(grant, None)
        self.gone[grant] = revision
        return self._changed(grant, revision)

    def link(self, sub: str, linked: bool) -> None:
        self.subs[sub].linked = linked
        if linked:
            for grant in {*self.cards, *self.subs[sub].cards}:
                self._push(self.subs[sub], grant)

    def night(self) -> None:
        """The full sync."""
        for sub in self.subs.values():
            for grant in {*self.cards, *sub.cards}:
                self._push(sub, grant)

    def settled(self) -> list[tuple[str, int]]:
        """The changes that have come into force since they were taken; each is told once."""
        done = [(grant, revision) for grant, revision in self.due if self.in_force(grant)]
        self.due = [one for one in self.due if one not in done]
        return [(grant, revision) for grant, revision in done if revision == self.revision(grant)]

    def in_force(self, grant: str) -> bool:
        """Whether every sub-controller knows of this card what the server does."""
        return all(sub.cards.get(grant) == self._wanted(sub, grant) for sub in self.subs.values())

    def listing(self, after: str) -> list[dict[str, object]]:
        """What is held anywhere, by grant."""
        known = {*self.cards, *(grant for sub in self.subs.values() for grant in sub.cards)}
        return [self._listed(grant) for grant in sorted(known) if grant > after][:PAGE]

    def on_device(self) -> dict[str, Card]:
        """The cards with which people are let in somewhere."""
        return {grant: card for sub in self.subs.values() for grant, card in sub.cards.items()}

    def swipe(self, device: str, card: str, now: int, mono: float, *, with_pin: bool = False) -> str:
        """Somebody holds a card up; what becomes of it."""
        sub = next(one for one in self.subs.values() if device in one.devices)
        found = next((one for one in sub.cards.values() if one.card == card and device in one.devices), None)
        needed = self.function(device)
        if needed is None or needed == "locked":
            verdict, reason = "denied", "no function in force"
        elif found is None:
            verdict, reason = "denied", "unknown card"
        elif not found.start <= now < found.end:
            verdict, reason = "denied", "outside its time"
        elif needed == "card_and_pin" and not with_pin:
            verdict, reason = "denied", "no PIN"
        else:
            verdict, reason = "granted", ""
            self.bodies[device].pulse_until = mono + 5
        self._noted(device, verdict, found.grant if found else None, reason, now)
        return verdict

    def function(self, device: str) -> str | None:
        """The function in force at a door: of those that overlap the most secure, and on a holiday none below PIN."""
        possible = [one for one in self.bodies[device].functions if not self.holiday or one in FUNCTIONS[2:]]
        return max(possible, key=FUNCTIONS.index, default=None)

    def passages(self, first: int, now: int) -> list[dict[str, object]]:
        """What the server has learned of, from a number on."""
        return [one for one in self.events[first:] if int(str(one["heard_at"])) <= now]

    def to_json(self) -> dict[str, Any]:
        """What survives a power cut: server and sub-controllers keep their cards."""
        subs = {name: [asdict(card) for card in sub.cards.values()] for name, sub in self.subs.items()}
        cards = [asdict(card) for card in self.cards.values()]
        return {"cards": cards, "gone": self.gone, "subs": subs, "due": self.due, "events": self.events}

    def take(self, kept: dict[str, Any]) -> None:
        """Begin with what survived."""
        self.cards = {card.grant: card for card in map(_card, kept["cards"])}
        self.gone, self.events = dict(kept["gone"]), list(kept["events"])
        self.due = [(grant, revision) for grant, revision in kept["due"]]
        for name, cards in kept["subs"].items():
            self.subs[name].cards = {card.grant: card for card in map(_card, cards)}

    def _changed(self, grant: str, revision: int) -> bool:
        if self.swallows:
            self.swallows -= 1
            return False
        for sub in self.subs.values():
            self._push(sub, grant)
        if not self.in_force(grant):
            self.due.append((grant, revision))
            return False
        return True

    def _push(self, sub: Sub, grant: str) -> None:
        wanted = self._wanted(sub, grant)
        if not sub.linked:
            return
        if wanted is None:
            sub.cards.pop(grant, None)
        else:
            sub.cards[grant] = wanted

    def _wanted(self, sub: Sub, grant: str) -> Card | None:
        card = self.cards.get(grant)
        return card if card is not None and set(card.devices) & set(sub.devices) else None

    def _listed(self, grant: str) -> dict[str, object]:
        card = self.cards.get(grant) or self.on_device()[grant]
        on_device = self.in_force(grant) if grant in self.cards else True
        revision = self.revision(grant)
        return {"grant": grant, "revision": revision, "on_device": on_device, "fingerprint": card.fingerprint}

    def _noted(self, device: str, what: str, grant: str | None, reason: str, now: int) -> None:
        number = len(self.events) + 1
        self.events.append({
            "id": f"p{number}", "device": device, "what": what, "at": now, "heard_at": now + self.passage_delay_s,
            "grant": grant, "reason": reason,
        })  # fmt: skip


def _card(values: dict[str, Any]) -> Card:
    return Card(**{**values, "devices": tuple(values["devices"])})
