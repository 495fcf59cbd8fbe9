"""The options of emulators that keep what they are given and ask for a name and a password (mail, SMS)."""

import argparse
from pathlib import Path


def sink_options(name: str, description: str, *, journal: str, user: str = "") -> argparse.ArgumentParser:
    """Its options. journal: what a line of that file is. user: the name that is asked for where none is given."""
    options = argparse.ArgumentParser(f"portvakt emulate {name}", description=description)
    options.add_argument("--port", type=int, default=0, help="port of loopback; 0 lets the system choose")
    options.add_argument("--journal", type=Path, required=True, help=journal)
    options.add_argument("--faults", type=Path, help="TOML file of faults")
    options.add_argument("--user", default=user, help="asks for this name")
    options.add_argument("--password-file", type=Path, help="and for the password in this file")
    return options


def password_in(path: Path | None) -> str:
    """The password in the file that an option names; empty where it names none."""
    return "" if path is None else path.read_text(encoding="utf-8").strip()
