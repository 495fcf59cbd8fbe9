"""Fault scripts do what they say, to the message they name (DR-13)."""

from pathlib import Path

import pytest

from drivers.emulators.faults import Fault, FaultScript, fault_of, read_script


def through(script: FaultScript, *payloads: bytes) -> list[list[tuple[float, bytes]]]:
    return [script.passed("command", payload) for payload in payloads]


@pytest.mark.parametrize(
    ("kind", "second"),
    [
        ("drop", []),
        ("duplicate", [(0.0, b"bbb"), (0.0, b"bbb")]),
        ("delay", [(0.5, b"bbb")]),
        ("bit_flip", [(0.0, b"bcb")]),
        ("half_frame", [(0.0, b"b")]),
        ("reorder", []),
    ],
)
def test_a_fault_meets_its_message_and_no_other(kind: str, second: list[tuple[float, bytes]]) -> None:
    """DR-13: counted within its channel; what was overtaken comes behind the next."""
    script = FaultScript([Fault("command", kind, nth=2, delay_s=0.5)])
    assert script.passed("state", b"x") == [(0.0, b"x")]
    third = [(0.0, b"c"), (0.0, b"bbb")] if kind == "reorder" else [(0.0, b"c")]
    assert through(script, b"a", b"bbb", b"c") == [[(0.0, b"a")], second, third]


def test_a_fault_added_later_counts_from_there() -> None:
    """DR-13: on demand, from the control socket."""
    script = FaultScript()
    through(script, b"a", b"b")
    script.add(Fault("command", "drop", nth=2))
    assert through(script, b"c", b"d", b"e") == [[(0.0, b"c")], [], [(0.0, b"e")]]


def test_a_script_is_read_from_toml(tmp_path: Path) -> None:
    """DR-13: the same faults each time."""
    path = tmp_path / "faults.toml"
    path.write_text('[[fault]]\non = "state"\nkind = "delay"\nnth = 3\ncount = 2\ndelay_ms = 250\n')
    assert read_script(path).faults == [Fault("state", "delay", 3, 2, 0.25)]


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"on": "command"},
        {"on": "wire", "kind": "drop"},
        {"on": "command", "kind": "melt"},
        {"on": "command", "kind": "drop", "nth": 0},
        {"on": "command", "kind": "drop", "count": "1"},
    ],
)
def test_an_odd_fault_is_refused(table: dict[str, object]) -> None:
    """DR-13: a script that would do nothing is a mistake."""
    with pytest.raises(ValueError, match=r"a fault has|at least"):
        fault_of(table)
