"""Browser assets: files copied out of npm packages, named one by one in `tools/vendor.lock.json` and committed.

`python -m tools.vendor check` compares what lies in the tree with the lock, offline: a changed byte, a missing file and
an extra file are all found. `python -m tools.vendor update` fetches the packages again with npm, runs none of their
scripts, checks each archive against its integrity, and writes files, lock and THIRD_PARTY.md. Users need no npm.
"""

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
_LOCK: Final = "tools/vendor.lock.json"
_NOTICE: Final = "THIRD_PARTY.md"
_NOTICE_HEAD: Final = """# Third-party files in this repository

Made by `python -m tools.vendor update` from `tools/vendor.lock.json`. Python packages come from their own registry with
their own licences; their names and versions stand in `requirements.lock`. Test vectors made by others and their
licences: [tests/vectors/README.md](tests/vectors/README.md).

| package | version | licence | what for | files |
| --- | --- | --- | --- | --- |
"""


class WrongArchive(Exception):
    """A package is not the one that the lock names."""


def read_lock(root: Path) -> dict[str, Any]:
    """The lock, as it is written."""
    lock: dict[str, Any] = json.loads((root / _LOCK).read_text(encoding="utf-8"))
    return lock


def entries(package: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything of one package that has a place in the tree: its files, and its sprite if it has one."""
    return [*package["files"], *([package["sprite"]] if "sprite" in package else [])]


def digest(content: bytes) -> str:
    """SHA-512 in hexadecimal."""
    return hashlib.sha512(content).hexdigest()


def notice(lock: dict[str, Any]) -> str:
    """The text of THIRD_PARTY.md."""
    rows = []
    for package in lock["packages"]:
        files = ", ".join(f"`{entry['dst']}`" for entry in entries(package))
        rows.append(
            f"| {package['name']} | {package['version']} | {package['license']} | {package['use']} | {files} |\n"
        )
    return _NOTICE_HEAD + "".join(rows)


def check(root: Path) -> list[str]:
    """Every way in which the tree differs from the lock; an empty list when it does not."""
    lock = read_lock(root)
    wanted = {entry["dst"]: entry["sha512"] for package in lock["packages"] for entry in entries(package)}
    faults = []
    for name, sha512 in wanted.items():
        path = root / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif digest(path.read_bytes()) != sha512:
            faults.append(f"{name} is not what the lock says")
    for folder in lock["folders"]:
        present = {path.relative_to(root).as_posix() for path in (root / folder).rglob("*") if path.is_file()}
        faults.extend(f"{name} is not in the lock" for name in sorted(present - set(wanted)))
    if not (root / _NOTICE).is_file() or (root / _NOTICE).read_text(encoding="utf-8") != notice(lock):
        faults.append(f"{_NOTICE} is not what the lock says")
    return faults


def sprite(icons: dict[str, str]) -> bytes:
    """One SVG file with a symbol for each icon, by name, drawn in the colour of the text around it."""
    symbols = []
    for name, svg in icons.items():
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        if inner is None:
            raise WrongArchive(f"the icon {name} is no SVG")
        shapes = re.sub(r"\s*\n\s*", "", inner[1])
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'.encode()


def fetch(package: dict[str, Any], folder: Path) -> Path:
    """The package's archive, checked against its integrity (SHA-512 in base64, as npm writes it)."""
    wanted = f"{package['name']}@{package['version']}"
    command = ["npm", "pack", wanted, "--json", "--ignore-scripts", "--pack-destination", str(folder)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    # npm answers a list, or since version 11 an object by name.
    packed = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    archive = folder / str(packed["filename"])
    sha512 = hashlib.sha512(archive.read_bytes()).digest()
    if "sha512-" + base64.b64encode(sha512).decode() != package["integrity"]:
        raise WrongArchive(f"{wanted} is not the archive that the lock names")
    return archive


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    stream = archive.extractfile(f"package/{name}")
    if stream is None:
        raise WrongArchive(f"{name} is no file of {archive.name!r}")
    return stream.read()


def _place(root: Path, entry: dict[str, Any], content: bytes) -> None:
    path = root / entry["dst"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    entry["sha512"] = digest(content)


def update(root: Path) -> None:
    """Fetch every package of the lock and write its files, their digests and the notice."""
    lock = read_lock(root)
    for package in lock["packages"]:
        with tempfile.TemporaryDirectory() as folder, tarfile.open(fetch(package, Path(folder))) as archive:
            for entry in package["files"]:
                _place(root, entry, _member(archive, entry["src"]))
            if "sprite" in package:
                icons = {name: _member(archive, f"icons/{name}.svg").decode() for name in package["sprite"]["icons"]}
                _place(root, package["sprite"], sprite(icons))
        print(f"{package['name']} {package['version']}")
    (root / _LOCK).write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    (root / _NOTICE).write_text(notice(lock), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """The command line: exit code 1 when the tree differs from the lock."""
    parser = argparse.ArgumentParser(prog="python -m tools.vendor", description="Browser assets by lock.")
    parser.add_argument("act", choices=("check", "update"))
    if parser.parse_args(arguments).act == "update":
        update(ROOT)
    faults = check(ROOT)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
