"""Clients that go on while what they ask is killed: each repeats its question, under the same name, until answered."""

import http.client
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from appliance.door_socket.client import DoorClient, DoorUnreachable, Verdict
from tests.whole_unit.demo_api import Answer, Api, Json, wish

PAUSE_S: Final = 0.01
IDLE_S: Final = 1.0


class Loop(ABC):
    """A thread that asks one question after another from `__enter__` to `__exit__`.

    `hurry`: whether at once, or once a second, so that what can be asked for lasts for the whole of a long run.
    """

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.hurry = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._thread.join(30)
        self.close()
        assert not self._thread.is_alive(), "a client waits for an answer that never comes"

    def _run(self) -> None:
        while not self.stopping.wait(PAUSE_S):
            self.hurry.wait(IDLE_S)
            self.ask()

    @abstractmethod
    def ask(self) -> None:
        """Ask one question until it is answered."""

    @abstractmethod
    def close(self) -> None:
        """Hang up."""


class BookingLoop(Loop):
    """Books one free time after another. `confirmed` holds every 201 by the id of its booking."""

    def __init__(self, api: Api, slots: list[Json]) -> None:
        super().__init__()
        self.confirmed: dict[str, Json] = {}
        self.repeated = 0
        self.refused: list[Answer] = []
        self._api = api
        self._wishes = self._in_turn(slots)

    @property
    def count(self) -> int:
        return len(self.confirmed)

    def ask(self) -> None:
        body, headers = next(self._wishes), {"Idempotency-Key": uuid.uuid4().hex}
        answer = self._answered(body, headers)
        if answer.status == 201:
            assert answer.body["id"] not in self.confirmed, "one booking was sold twice"
            self.confirmed[answer.body["id"]] = answer.body
        else:
            self.refused.append(answer)

    def close(self) -> None:
        return None

    def _answered(self, body: Json, headers: dict[str, str]) -> Answer:
        while True:
            try:
                answer = self._api.ask("POST", "/bookings", body, headers, seconds=10)
            except (OSError, http.client.HTTPException, ValueError):
                self.repeated += 1
                self.stopping.wait(PAUSE_S * 5)
                continue
            if answer.status != 503:
                return answer

    def _in_turn(self, slots: list[Json]) -> Iterator[Json]:
        taken: set[tuple[str, int]] = set()
        for number, slot in enumerate(slots):
            # Every fourth start of the quarter-hour grid is free of its neighbours.
            for resource in slot["resources"] if number % 4 == 0 else ():
                if (resource, number) not in taken:
                    taken.add((resource, number))
                    yield wish(slot["start"], resource)


class GuestLoop(Loop):
    """Shows one pass at two doors in turn, through the door's own socket. `granted` holds the ids, in order."""

    def __init__(self, run: Path, doors: tuple[str, ...], qr: str) -> None:
        super().__init__()
        self.granted: list[str] = []
        self.late: list[str] = []
        self.denied: list[Verdict] = []
        self.repeated = 0
        self._client = DoorClient(run, timeout_s=5.0)
        self._doors = doors
        self._qr = qr

    @property
    def count(self) -> int:
        return len(self.granted)

    def ask(self) -> None:
        name, door = str(uuid.uuid4()), self._doors[self.count % len(self._doors)]
        while True:
            try:
                verdict = self._client.present(door, "qr", self._qr, "loop", name)
            except DoorUnreachable:
                self.repeated += 1
                self.stopping.wait(PAUSE_S * 5)
                continue
            break
        if not verdict.granted:
            self.denied.append(verdict)
        else:
            (self.late if verdict.late else self.granted).append(name)

    def close(self) -> None:
        self._client.close()
