"""The repository speaks of itself alone: no paths of a machine, no hosts of registries, no private keys."""

import re

from tests.house.tree import ROOT, files, name_of

TEXTUAL = (
    "", ".cfg", ".conf", ".css", ".html", ".ini", ".js", ".json", ".lock", ".md", ".mako", ".po", ".py", ".service",
    ".sh", ".sql", ".svg", ".toml", ".txt", ".yaml", ".yml",
)  # fmt: skip
LEAKS = {
    "a path of a machine": re.compile(r"(?<![\w.~-])/(?:home/[a-z]+|mnt|root|Users|work)(?:/|\b)"),
    "a host of a registry": re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com))|--(?:extra-)?index-url"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}


def leaks(text: str) -> list[str]:
    """What a text gives away, with the words."""
    return [f"{kind}: {found[0]}" for kind, pattern in LEAKS.items() for found in pattern.finditer(text)]


def test_nothing_leaks() -> None:
    kept = [path for path in files(*TEXTUAL) if path.name not in {"test_no_leaks.py", "LICENSE"}]
    found = {name_of(path): leaks(path.read_text(encoding="utf-8")) for path in kept}
    assert {name: things for name, things in found.items() if things} == {}


def test_a_leak_is_found() -> None:
    for text in (
        "see /ro" + "ot/notes",
        "cd /home/anna/x",
        "https://pypi.org/sim" + "ple",
        "-----BEGIN PRIVATE " + "KEY-----",
    ):
        assert leaks(text), text
    for text in ("/var/lib/portvakt", "docs/work/plan", "https://example.org/home/", "the work/home balance"):
        assert leaks(text) == [], text


def test_the_lock_holds_hashes_and_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert " @ " not in lock
    assert "file:" not in lock
    pinned = [line for line in lock.splitlines() if re.match(r"[a-z0-9]", line)]
    assert pinned
    assert all(line.endswith("\\") and "==" in line for line in pinned)
