"""R-CARD by a mapping file, with a server made up here: what is believed, what is not (DR-04, DR-13)."""

import json
import random
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources

import pytest

from appliance.foundation.clock import FakeClock
from appliance.foundation.errors import NeedsAttention, Retryable
from appliance.foundation.instants import Interval
from drivers.contract import DriverRefused, DriverUnreachable
from drivers.controller_contract import ControllerGrant, fingerprint_of
from drivers.gateway import messages
from drivers.rco.http_exchange import HttpExchange
from drivers.rco.licensed_api import LicensedApi
from drivers.rco.mapping import parse_mapping
from drivers.transports.https_client import HttpsClient, parse_address
from drivers.vendor_answers import Answer

MAPPING = parse_mapping((resources.files("drivers.rco") / "example_mapping.toml").read_text(encoding="utf-8"))[0]
TEMPLATES = {frozenset({"D1"}): "Gym"}
GRANT = ControllerGrant("g-1", 3, ("D1",), Interval(1_800_000_000, 1_800_003_600), "26:2468ACE")
WINDOW = {"begins": "2027-01-15T08:00:00Z", "ends": "2027-01-15T09:00:00Z"}
CARD = {"id": "portvakt-g-1", "template": "Gym", "card": "26:2468ACE", "at_doors": "all", "window": WINDOW}


class Server(HttpsClient):
    """Answers what it is told to, by method and the last part of the path; notes what was asked."""

    def __init__(self, **answers: bytes | int) -> None:
        address = parse_address("https://rcard.example")
        assert address is not None
        super().__init__(address)
        self.answers = {"sign-in": b'{"token": "t-1"}', **answers}
        self.asked: list[tuple[str, str, bytes]] = []

    def ask(
        self, method: str, path: str, seconds: float, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        self.asked.append((method, path, body))
        found = self.answers.get(path.partition("?")[0].rpartition("/")[2], b"")
        return Answer(found, {}, b"") if isinstance(found, int) else Answer(200, {}, found)


def exchange(server: Server) -> HttpExchange:
    api = LicensedApi(MAPPING, server, "portvakt", "hush")
    return HttpExchange("rco", MAPPING, TEMPLATES, api, FakeClock(1_800_000_000))


def listed(*cards: object) -> bytes:
    return json.dumps({"cards": cards, "more": ""}).encode()


def held(server: Server) -> object:
    return messages.held_of(exchange(server).ask({"op": "list", "after": "", "room": 1}, 5))


def test_a_card_goes_out_as_the_file_says() -> None:
    """DR-04: with our id, its template and its times in the server's own form."""
    server = Server()
    exchange(server).ask(messages.upsert(GRANT, {"template": "Gym"}), 5)
    method, path, body = server.asked[-1]
    assert (method, path) == ("PUT", "/portvakt-emulator/cards/portvakt-g-1")
    assert json.loads(body) == {"template": "Gym", "card": "26:2468ACE", "window": WINDOW}
    assert json.loads(server.asked[0][2]) == {"who": "portvakt", "secret": "hush"}


def test_what_is_listed_is_compared_whole() -> None:
    """DR-04: another time, template or card is something else; what is not ours is left alone."""
    read = held(Server(cards=listed(CARD, {**CARD, "id": "stranger"}, {"id": 7}, None)))
    assert isinstance(read, tuple)
    ((one,), _) = read
    assert (one.grant_id, one.on_device, one.fingerprint) == ("g-1", True, fingerprint_of(GRANT))
    for change in ({"template": "Hall"}, {"card": "26:1"}, {"card": None}, {"window": {**WINDOW, "ends": "soon"}}):
        read = held(Server(cards=listed({**CARD, **change})))
        assert isinstance(read, tuple)
        assert read[0][0].fingerprint != fingerprint_of(GRANT)
    read = held(Server(cards=listed({**CARD, "at_doors": "some"})))
    assert isinstance(read, tuple)
    assert not read[0][0].on_device


def test_an_older_revision_is_refused_and_what_was_removed_already_is_as_good() -> None:
    """DR-11"""
    server = Server(**{"portvakt-g-1": 404})
    by_api = exchange(server)
    assert by_api.ask(messages.revoke(GRANT), 5).ok
    with pytest.raises(DriverRefused, match="newer revision"):
        by_api.ask({**messages.revoke(GRANT), "revision": 2}, 5)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [(500, DriverUnreachable), (429, DriverUnreachable), (401, DriverRefused), (422, DriverRefused),
     (b"{}", DriverRefused), (b'{"cards": 1}', DriverRefused), (b'{"cards": [', DriverUnreachable),
     (b'{"cards": [], "more": "x"}', DriverUnreachable)],
)  # fmt: skip
def test_what_cannot_be_read_is_not_believed(answer: bytes | int, fault: type[Exception]) -> None:
    """DR-13: half an answer may pass, another shape needs a person; a list that has no end is one that failed."""
    with pytest.raises(fault):
        held(Server(cards=answer))


def spoiled(rounds: int) -> None:
    dice, whole = random.Random(8), listed(CARD)
    for _ in range(rounds):
        at, length = dice.randrange(len(whole)), dice.randrange(20)
        piece = dice.choice((b"", dice.randbytes(length), b"[" * length, whole[:length]))
        with suppress(Retryable, NeedsAttention):
            read = held(Server(cards=whole[:at] + piece + whole[at + length :]))
            assert read is None or isinstance(read, tuple)


def test_damaged_answers_are_read_or_not_and_never_a_crash() -> None:
    """DR-13"""
    spoiled(1_000)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_flood_of_damaged_answers_is_survived() -> None:
    """DR-13"""
    spoiled(1_000_000)
