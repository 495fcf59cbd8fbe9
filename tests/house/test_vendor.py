"""The browser assets are byte for byte those of the lock, and the check finds what is not."""

import shutil
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tools import vendor


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the vendored files, their lock and their notice."""
    for folder in vendor.read_lock(ROOT)["folders"]:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "tools").mkdir()
    for name in ("tools/vendor.lock.json", "THIRD_PARTY.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_vendored_files_are_those_of_the_lock() -> None:
    assert vendor.check(ROOT) == []


def test_the_lock_names_no_address() -> None:
    assert "://" not in (ROOT / "tools/vendor.lock.json").read_text(encoding="utf-8")


def test_every_licence_is_recorded_and_its_text_comes_along() -> None:
    for package in vendor.read_lock(ROOT)["packages"]:
        assert package["license"]
        assert any("licenses/" in entry["dst"] for entry in package["files"]), package["name"]


def test_a_changed_byte_is_found(copy: Path) -> None:
    file = copy / "kiosk_ui/static/vendor/htmx.min.js"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    assert vendor.check(copy) == ["kiosk_ui/static/vendor/htmx.min.js is not what the lock says"]


def test_an_extra_file_and_a_missing_file_are_found(copy: Path) -> None:
    (copy / "kiosk_ui/static/vendor/other.js").write_text("1")
    (copy / "kiosk_ui/static/vendor/icons.svg").unlink()
    assert vendor.check(copy) == [
        "kiosk_ui/static/vendor/icons.svg is missing",
        "kiosk_ui/static/vendor/other.js is not in the lock",
    ]


def test_the_sprite_keeps_each_icon_and_its_colour() -> None:
    drawn = vendor.sprite({"dot": '<svg viewBox="0 0 24 24">\n  <circle r="1" />\n</svg>'}).decode()
    assert '<symbol id="dot"' in drawn
    assert '<circle r="1" /></symbol>' in drawn
    assert 'stroke="currentColor"' in drawn
