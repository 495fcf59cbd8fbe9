"""Visitors from processes of their own, so that asking costs the server nothing but its answers."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Self

from appliance.boot.bench.visitor import Question
from appliance.foundation.errors import Bug, NeedsAttention


@dataclass(frozen=True, slots=True)
class Round:
    """What one visitor saw: milliseconds and status of each answer; `began`, `ended` in shared monotonic seconds."""

    began: float
    ended: float
    ms: tuple[float, ...]
    statuses: tuple[int, ...]
    last: str

    def require(self, *allowed: int) -> Self:
        """Itself, if every status is among `allowed`; else NeedsAttention with what came instead."""
        wrong = sorted(set(self.statuses) - set(allowed))
        if wrong:
            raise NeedsAttention(f"a visitor was answered {wrong} instead of {allowed}; the last answer: {self.last}")
        return self


class Crowd:
    """So many visitors of one port, who begin each round together. Close it after use."""

    def __init__(self, port: int, size: int) -> None:
        command = [sys.executable, "-m", "appliance.boot.bench.visitor", str(port)]
        self._visitors = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(size)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        for visitor in self._visitors:
            _input(visitor).close()
        for visitor in self._visitors:
            visitor.wait(10)
            _output(visitor).close()

    def ask(self, questions: Sequence[Sequence[Question]]) -> list[Round]:
        """Each visitor asks its own questions; all begin when all are ready."""
        if len(questions) != len(self._visitors):
            raise Bug(f"{len(self._visitors)} visitors were given {len(questions)} lists of questions")
        for visitor, own in zip(self._visitors, questions, strict=True):
            _say(visitor, json.dumps(own))
        for visitor in self._visitors:
            _hear(visitor)
        for visitor in self._visitors:
            _say(visitor, "go")
        return [_round(_hear(visitor)) for visitor in self._visitors]


def rate(rounds: Sequence[Round], *counted: int) -> float:
    """Answers a second with a status among `counted`, from the first question of all to the last answer of all."""
    answers = sum(status in counted for one in rounds for status in one.statuses)
    return answers / (max(one.ended for one in rounds) - min(one.began for one in rounds))


def _round(line: str) -> Round:
    said = json.loads(line)
    return Round(said["began"], said["ended"], tuple(said["ms"]), tuple(said["statuses"]), said["last"])


def _say(visitor: subprocess.Popen[str], line: str) -> None:
    _input(visitor).write(line + "\n")
    _input(visitor).flush()


def _hear(visitor: subprocess.Popen[str]) -> str:
    line = _output(visitor).readline()
    if not line:
        raise NeedsAttention("a visitor ended; what it says is above")
    return line


def _input(visitor: subprocess.Popen[str]) -> IO[str]:
    if visitor.stdin is None:
        raise Bug("a visitor has no input")
    return visitor.stdin


def _output(visitor: subprocess.Popen[str]) -> IO[str]:
    if visitor.stdout is None:
        raise Bug("a visitor has no output")
    return visitor.stdout
