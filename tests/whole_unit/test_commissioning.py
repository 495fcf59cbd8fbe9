"""`portvakt commission` over doors of the demo, with a scripted person at the terminal and a hand at the doors."""

import json
import re
import subprocess
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from appliance.boot.demo_hands import DemoDoors
from appliance.door_socket.client import DoorClient
from appliance.door_socket.commission_client import CommissionClient
from tests.waiting import until
from tests.whole_unit.demo_unit import PORTVAKT, ROOT, Demo, running_demo

DOORS: Final = ("court-1", "court-2")
STEP_S: Final = 20.0


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running


class Terminal:
    """The command, its input open for the person."""

    def __init__(self, demo: Demo, out: Path) -> None:
        arguments = ("commission", "--data", str(demo.data), "--doors", ",".join(DOORS), "--out", str(out))
        self._said = ""
        self.process = subprocess.Popen(
            [*PORTVAKT, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_fault: object) -> None:
        self.process.kill()
        self.process.communicate()

    def type(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()

    def wait_for(self, asked: str) -> None:
        """Read until a question is there; nobody types an answer before."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said += line
            if line.startswith(asked):
                return
        raise AssertionError(self._said)

    def end(self) -> tuple[int, str]:
        self.process.wait(STEP_S)
        said, _ = self.process.communicate()
        return self.process.returncode, self._said + said


def walk_through(client: CommissionClient, terminal: Terminal, hands: DemoDoors, slugs: dict[str, str]) -> None:
    """Do at each door what the step in hand asks for, until all are done."""
    while (view := client.look()) is not None and view.step:
        door = slugs[view.door_id]
        if view.kind in ("pulse", "open"):
            terminal.wait_for(f"{len(view.findings) + 1}/")
            terminal.type("p")
            assert until(partial(_is_released, hands, door), STEP_S)
        if view.kind == "pulse":
            terminal.type("y")
        elif view.kind in ("open", "close", "rex"):
            hands.hand(door, view.kind)
        assert until(partial(_is_over, client, view.step), STEP_S)


def _is_over(client: CommissionClient, step: str) -> bool:
    view = client.look()
    return view is None or view.step != step


def _is_released(hands: DemoDoors, slug: str) -> bool:
    return next(door.state for door in hands.doors() if door.slug == slug) == "released"


def words_of(pdf: bytes) -> str:
    """What is written in a PDF of core fonts: the strings in its streams, which are in Windows-1252."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    written = b" ".join(zlib.decompress(stream) for stream in streams if stream[:1] == b"\x78")
    strings = re.findall(rb"\(((?:\\.|[^\\)])*)\)", written)
    return " ".join(re.sub(rb"\\(.)", rb"\1", each).decode("cp1252") for each in strings)


def test_doors_are_commissioned_at_the_terminal(demo: Demo, tmp_path: Path) -> None:
    """DR-12: left and taken up again; the record is signed, printed, and an altered one is found."""
    out = tmp_path / "binder"
    with Terminal(demo, out) as first:
        first.type("s", "q")
        assert first.end()[0] == 1
    assert not out.exists()
    door_client = DoorClient(demo.run)
    hands = DemoDoors(door_client, demo.data)
    slugs = {door.id: door.slug for door in hands.doors()}
    with Terminal(demo, out) as terminal:
        walk_through(CommissionClient(door_client, "cli"), terminal, hands, slugs)
        status, said = terminal.end()
    door_client.close()
    assert status == 0, said
    paper, kept = (next(out.glob(f"*.{kind}")) for kind in ("pdf", "json"))
    record = json.loads(kept.read_text(encoding="utf-8"))
    results = {door["slug"]: [step["result"] for step in door["steps"]] for door in record["doors"]}
    assert results["court-1"][:2] == ["skipped", "skipped"]
    assert set(results["court-1"][2:]) == set(results["court-2"]) == {"passed"}
    relock = record["doors"][1]["steps"][1]
    assert relock["step"] == "relock"
    assert 3_000 < relock["took_ms"] < 9_000
    words = words_of(paper.read_bytes())
    assert all(door["name"] in words for door in record["doors"])
    assert record["key"] in words
    assert demo.command("commission", "--record", str(kept)).returncode == 0
    record["doors"][0]["steps"][0]["result"] = "passed"
    kept.write_text(json.dumps(record), encoding="utf-8")
    altered = demo.command("commission", "--record", str(kept))
    assert altered.returncode == 1
    assert "altered" in altered.stderr
