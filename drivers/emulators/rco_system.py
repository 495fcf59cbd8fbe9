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

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from drivers.emulators.key_book import Act, Key, KeyBook, key_of

FUNCTIONS: Final = ("unlocked", "card", "card_and_pin", "locked")  # by rising security


@dataclass(slots=True)
class Sub:
    """One sub-controller: the doors on it, and the cards that it knows."""

    devices: tuple[str, ...]
    linked: bool = True
    cards: dict[str, Key] = field(default_factory=dict)


@dataclass(slots=True)
class Body:
    """One door: until when its bolt is free, by a stopwatch."""

    pulse_until: float = float("-inf")
    hold_until: float = float("-inf")
    leaf_open: bool = False
    functions: tuple[str, ...] = ("card",)

    def is_free(self, mono: float) -> bool:
        return mono < max(self.pulse_until, self.hold_until)


@dataclass(slots=True)
class RcoSystem(KeyBook):
    """The whole of it: what the server was told, and what each sub-controller knows."""

    kind = "rco"
    subs: dict[str, Sub] = field(default_factory=dict)
    passage_delay_s: int = 0
    holiday: bool = False
    events: list[dict[str, object]] = field(default_factory=list)
    bodies: dict[str, Body] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bodies = {device: Body() for sub in self.subs.values() for device in sub.devices}

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(self.bodies)

    def link(self, sub: str, linked: bool) -> None:
        self.subs[sub].linked = linked
        if linked:
            for grant in {*self.keys, *self.subs[sub].cards}:
                self._push(self.subs[sub], grant)

    def night(self) -> None:
        """The full sync."""
        for sub in self.subs.values():
            for grant in {*self.keys, *sub.cards}:
                self._push(sub, grant)

    def in_force(self, grant: str) -> bool:
        """Whether every sub-controller knows of this card what the server does."""
        return all(sub.cards.get(grant) == self._wanted(sub, grant) for sub in self.subs.values())

    def bring(self, grant: str) -> None:
        for sub in self.subs.values():
            self._push(sub, grant)

    def on_device(self) -> dict[str, Key]:
        """The cards with which people are let in somewhere."""
        return {grant: card for sub in self.subs.values() for grant, card in sub.cards.items()}

    def unlock(self, device: str, seconds: int, mono: float) -> None:
        body = self.bodies[device]
        body.pulse_until = max(body.pulse_until, mono + seconds)

    def hold(self, device: str, seconds: int, mono: float) -> None:
        body = self.bodies[device]
        if seconds:
            body.hold_until = mono + seconds
        else:
            body.hold_until = body.pulse_until = float("-inf")

    def doors(self, mono: float) -> list[dict[str, object]]:
        return [
            {"device": device, "bolt": "released" if body.is_free(mono) else "locked",
             "leaf": "open" if body.leaf_open else "closed"}
            for device, body in self.bodies.items()
        ]  # fmt: skip

    def acts(self) -> dict[str, Act]:
        return {
            "swipe": lambda a: {
                "verdict": self.swipe(a["device"], a["card"], a["now"], a["mono"], a.get("pin") is True)
            },
            "link": lambda a: self.link(a["sub"], True),
            "unlink": lambda a: self.link(a["sub"], False),
            "night": lambda _: self.night(),
            "holiday": lambda _: setattr(self, "holiday", True),
            "workday": lambda _: setattr(self, "holiday", False),
            "functions": lambda a: setattr(self.bodies[a["device"]], "functions", tuple(a["names"])),
            "open": lambda a: self._leaf(a, is_open=True),
            "force": lambda a: self._leaf(a, is_open=True, forced=True),
            "close": lambda a: self._leaf(a, is_open=False),
        }

    def swipe(self, device: str, card: str, now: int, mono: float, with_pin: bool = False) -> str:
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

    def complete_until(self, now: int) -> int | None:
        return now - self.passage_delay_s

    def to_json(self) -> dict[str, Any]:
        """Server and sub-controllers keep their cards."""
        subs = {name: [asdict(card) for card in sub.cards.values()] for name, sub in self.subs.items()}
        return {**KeyBook.to_json(self), "subs": subs, "events": self.events}

    def take(self, kept: dict[str, Any]) -> None:
        KeyBook.take(self, kept)
        self.events = list(kept["events"])
        for name, cards in kept["subs"].items():
            self.subs[name].cards = {card.grant: card for card in map(key_of, cards)}

    def clear(self) -> None:
        KeyBook.clear(self)
        self.events, self.holiday = [], False
        for sub in self.subs.values():
            sub.cards, sub.linked = {}, True

    def _push(self, sub: Sub, grant: str) -> None:
        wanted = self._wanted(sub, grant)
        if not sub.linked:
            return
        if wanted is None:
            sub.cards.pop(grant, None)
        else:
            sub.cards[grant] = wanted

    def _wanted(self, sub: Sub, grant: str) -> Key | None:
        card = self.keys.get(grant)
        return card if card is not None and set(card.devices) & set(sub.devices) else None

    def _leaf(self, asked: dict[str, Any], *, is_open: bool, forced: bool = False) -> None:
        body = self.bodies[asked["device"]]
        if is_open and not (forced or body.leaf_open or body.is_free(asked["mono"])):
            raise ValueError("locked")
        body.leaf_open = is_open

    def _noted(self, device: str, what: str, grant: str | None, reason: str, now: int) -> None:
        number = len(self.events) + 1
        self.events.append({
            "id": f"p{number}", "device": device, "what": what, "at": now, "heard_at": now + self.passage_delay_s,
            "grant": grant, "reason": reason,
        })  # fmt: skip
