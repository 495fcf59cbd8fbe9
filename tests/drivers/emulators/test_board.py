"""The pretend board and the doors wired to it, as a kernel and a carpenter would have them (AC-15, DR-02)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.emulators.board import Board, By, Edge
from drivers.emulators.wiring import Wiring, parse_wiring

STEP = st.tuples(st.sampled_from(["claim", "drive", "let_go", "free", "touch"]), st.integers(0, 3), st.integers(0, 1))


def test_a_pin_nobody_drives_has_the_level_the_world_gives_it() -> None:
    """AC-15: driven, else connected, else pulled, else idle."""
    board, program = Board(), object()
    board.wire(17, idle=1)
    assert board.level(17) == 1
    assert board.claim(17, program)
    assert board.drive(17, 0) == [Edge(17, 0, By.PROGRAM)]
    assert board.let_go(program) == [Edge(17, 1, By.HANGUP)]
    assert board.claim(27, program)
    assert board.listen(27, "up") == [Edge(27, 1, By.PROGRAM)]
    assert board.touch(27, 0) == [Edge(27, 0, By.HAND)]


def test_a_pin_has_one_owner() -> None:
    """DR-02: as the kernel answers EBUSY."""
    board, first, second = Board(), object(), object()
    assert board.claim(4, first)
    assert board.claim(4, first)
    assert not board.claim(4, second)
    board.let_go(first)
    assert board.claim(4, second)


@given(steps=st.lists(STEP, max_size=50))
def test_edges_are_exactly_the_changes_of_level(steps: list[tuple[str, int, int]]) -> None:
    """DR-02: the witness misses nothing and invents nothing."""
    board, program, shown = Board(), object(), dict.fromkeys(range(4), 0)
    for verb, pin, level in steps:
        edges: list[Edge] = []
        if verb == "claim":
            board.claim(pin, program)
        elif verb == "drive" and board.owner(pin) is program:
            edges = board.drive(pin, level)
        elif verb == "let_go":
            edges = board.let_go(program)
        elif verb == "free":
            edges = board.free(pin)
        elif verb == "touch":
            edges = board.touch(pin, level)
        for edge in edges:
            assert shown[edge.pin] != edge.level
            shown[edge.pin] = edge.level
        assert shown == {number: board.level(number) for number in range(4)}


@pytest.mark.parametrize(("active", "fail"), [("high", "secure"), ("low", "secure"), ("high", "safe"), ("low", "safe")])
def test_a_dead_program_leaves_the_bolt_as_the_wiring_fails(active: str, fail: str) -> None:
    """AC-15: all four ways to wire a relay."""
    wiring, board = parse_wiring(f"d:strike=17,contact=27,active={active},fail={fail}"), Board()
    wiring.connect(board)
    assert wiring.bolt_free(board) is (fail == "safe")
    program = object()
    board.claim(17, program)
    board.drive(17, wiring.active)
    assert wiring.bolt_free(board) is (fail == "secure")
    board.let_go(program)
    assert wiring.bolt_free(board) is (fail == "safe")


def test_a_hand_obeys_the_bolt() -> None:
    """DR-02: a locked leaf does not open; an open one can be pushed again."""
    wiring, board = parse_wiring("d:strike=17,contact=27,rex=22"), Board()
    wiring.connect(board)
    assert wiring.hand(board, "open") == "locked"
    assert wiring.hand(board, "force") == [Edge(27, 1, By.HAND)]
    assert wiring.hand(board, "open") == []
    assert wiring.hand(board, "close") == [Edge(27, 0, By.HAND)]
    assert wiring.hand(board, "rex") == [Edge(22, 0, By.HAND)]
    assert wiring.hand(board, "tamper") == "door d has no tamper"
    assert wiring.hand(board, "knock") == "a hand cannot knock"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "d",
        "d:contact=1",
        "d:strike=99",
        "d:strike=x",
        "d:strike=1,contact=1",
        "d:strike=1,bell=2",
        "d:strike=1,active=on",
    ],
)
def test_odd_wiring_is_refused(text: str) -> None:
    """DR-13: on the command line too."""
    with pytest.raises(ValueError, match=r".+"):
        parse_wiring(text)


def test_wiring_is_read() -> None:
    """DR-02: as an installer would say it."""
    found = parse_wiring("entrance:strike=17,contact=27,rex=22,tamper=23,active=low,fail=safe")
    assert found == Wiring("entrance", {"strike": 17, "contact": 27, "rex": 22, "tamper": 23}, 0, True)
