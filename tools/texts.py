"""The catalogues of texts: `python -m tools.texts compile` makes the .mo files that the program reads from .po files.

`python -m tools.texts missing` lists what the code and the templates say and a catalogue does not have yet. English is
the source itself; `appliance.foundation.i18n` says how it is marked.
"""

import argparse
import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

ROOT: Final = Path(__file__).resolve().parent.parent
LOCALES: Final = ROOT / "appliance" / "locales"
TRANSLATED: Final = ("sv", "fr")
PRODUCT: Final = ("appliance", "drivers", "kiosk_ui", "cloud_bridge")

# Where the first text stands among a function's arguments, and whether a plural form follows it.
IN_CODE: Final = {"text": (1, False), "plural": (1, True), "marked": (0, False)}
IN_TEMPLATES: Final = {"_": (0, False), "plural": (0, True)}


@dataclass(frozen=True, slots=True)
class Said:
    """One text of the source: what it says, its plural form if it has one, and where it stands (`path:line`)."""

    message: str
    plural: str | None
    where: str


def said_in_code(source: str, name: str) -> Iterator[Said]:
    """The literal texts of one Python module. A text handed on in a variable was marked where it was defined."""
    tree = ast.parse(source)
    functions = _taken_from_foundation(tree)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        function = getattr(call.func, "id", "")
        if function in functions:
            literals = [getattr(argument, "value", None) for argument in call.args]
            yield from _said(IN_CODE[function], literals, f"{name}:{call.lineno}")


def _taken_from_foundation(tree: ast.Module) -> set[str]:
    """Which of the functions that translate a module imports; others may have the same names for their own ends."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {
        alias.name
        for node in imports
        if node.module == "appliance.foundation.i18n"
        for alias in node.names
        if alias.name in IN_CODE
    }


def said_in_template(source: str, name: str) -> Iterator[Said]:
    """The literal texts of one Jinja template."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in IN_TEMPLATES:
            literals = [argument.value if isinstance(argument, nodes.Const) else None for argument in call.args]
            yield from _said(IN_TEMPLATES[call.node.name], literals, f"{name}:{call.lineno}")


def _said(form: tuple[int, bool], literals: list[object], where: str) -> Iterator[Said]:
    at, has_plural = form
    one = literals[at] if at < len(literals) else None
    many = literals[at + 1] if has_plural and at + 1 < len(literals) else None
    if isinstance(one, str) and (not has_plural or isinstance(many, str)):
        yield Said(one, many if isinstance(many, str) else None, where)


def all_said(root: Path = ROOT) -> list[Said]:
    """Every text of the product, in the order of its files."""
    found: list[Said] = []
    for package in PRODUCT:
        for path in sorted((root / package).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix == ".py":
                found.extend(said_in_code(path.read_text(encoding="utf-8"), name))
            elif "templates" in path.parts and path.is_file():
                found.extend(said_in_template(path.read_text(encoding="utf-8"), name))
    return found


def catalogue_file(language: str) -> Path:
    """The .po file of a language."""
    return LOCALES / language / "LC_MESSAGES" / "portvakt.po"


def catalogue(language: str) -> Catalog:
    """What the .po file of a language holds; no file is an empty catalogue."""
    path = catalogue_file(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language, abort_invalid=True)


def compile_all() -> None:
    """Write the .mo file beside the .po file of each language."""
    for language in TRANSLATED:
        path = catalogue_file(language).with_suffix(".mo")
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as stream:
            write_mo(stream, catalogue(language))
        fresh.replace(path)


def missing(language: str) -> list[Said]:
    """The texts that have no translation in a language, each once."""
    entries = catalogue(language)
    absent: dict[str, Said] = {}
    for said in all_said():
        entry = entries.get(said.message)
        if entry is None or not entry.string or (said.plural and not all(entry.string)):
            absent.setdefault(said.message, said)
    return list(absent.values())


def main(arguments: list[str]) -> int:
    """The command line: exit code 1 when texts are missing."""
    parser = argparse.ArgumentParser(prog="python -m tools.texts", description="Catalogues of texts.")
    parser.add_argument("act", choices=("compile", "missing"))
    if parser.parse_args(arguments).act == "compile":
        compile_all()
        return 0
    absent = [(language, said) for language in TRANSLATED for said in missing(language)]
    for language, said in absent:
        print(f"{language} {said.where}: {said.message!r}" + (f" / {said.plural!r}" if said.plural else ""))
    return 1 if absent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
