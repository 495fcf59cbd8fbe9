"""What is installed is what is here: the wheel holds every file of the product, pages, texts and migrations too."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PRODUCT, ROOT

NOT_SHIPPED = frozenset({".new", ".pyc"})


def shipped(root: Path) -> set[str]:
    """Every file of the product's packages."""
    found = (path for package in PRODUCT for path in (root / package).rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix() for path in found if path.suffix not in NOT_SHIPPED}


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for package in PRODUCT for path in (ROOT / package).rglob("*.py")}
    assert [folder.relative_to(ROOT).as_posix() for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_product(tmp_path: Path) -> None:
    for package in PRODUCT:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.new"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--no-build-isolation", "--no-index", "."], cwd=tmp_path, check=True)
    (wheel,) = tmp_path.glob("portvakt-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    assert inside == shipped(tmp_path)
