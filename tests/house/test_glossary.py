"""What has no name in GLOSSARY.md has no name yet: the public classes of the pure core are called by its terms."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, imported, modules, name_of, tree_of

CORE = (
    "appliance/foundation",
    "appliance/billing",
    "appliance/booking",
    "appliance/keys",
    "appliance/access",
    "appliance/customers",
    "appliance/messaging",
)
ALSO = ("drivers/contract.py",)


def terms(glossary: str) -> frozenset[str]:
    """The terms: first cells of the tables, split at commas, in lower case, without what stands in brackets."""
    found = set()
    for cell in re.findall(r"^\| ([^|]+?) \|", glossary, re.MULTILINE):
        plain = re.sub(r"\([^)]*\)|`", "", cell).lower()
        found |= {term.strip() for term in plain.split(",")} - {"term", "word", "---"}
    return frozenset(found)


def words_of(name: str) -> list[str]:
    """The words of a CamelCase name; letters in a row are one word (`PINEntry` is "pin entry")."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name)]


def is_named(words: list[str], known: frozenset[str]) -> bool:
    """Whether the words can be laid out in terms, longest first; a plural stands for its singular."""
    if not words:
        return True
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        if ({phrase, phrase.removesuffix("s"), phrase.removesuffix("es")} & known) and is_named(words[length:], known):
            return True
    return False


def is_pure(path: Path) -> bool:
    """Whether a module only computes: it starts no thread and speaks to no file."""
    at_the_rim = {"sqlalchemy", "sqlite3", "threading"} & imported(tree_of(path))
    return not at_the_rim and "appliance.storage" not in path.read_text(encoding="utf-8")


def test_every_public_class_of_the_core_is_called_by_terms_of_the_glossary() -> None:
    known = terms((ROOT / "GLOSSARY.md").read_text(encoding="utf-8"))
    paths = [*filter(is_pure, modules(*CORE)), *(ROOT / name for name in ALSO)]
    nameless = [
        f"{name_of(path)}: {node.name}"
        for path in paths
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not is_named(words_of(node.name), known)
    ]
    assert nameless == []


@pytest.mark.parametrize(
    ("name", "named"),
    [("Grant", True), ("DoorState", True), ("HeldOpen", True), ("Doors", True), ("DoorThing", False), ("Thing", False)],
)
def test_a_name_is_laid_out_in_terms(name: str, named: bool) -> None:
    rows = ["term", "---", "grant", "door (leaf)", "held open, forced", "state"]
    table = "".join(f"| {row} | what it means |\n" for row in rows)
    assert is_named(words_of(name), terms(table)) is named
