"""`portvakt bench`: the promises about speed and memory, measured on this machine beside what its parts cost alone.

How each figure is made, and what it does not say, stands in docs/performance.md.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.boot.bench.figures import Figure

STEPS: Final = 10


def run(as_json: bool, quick: bool, folder: Path | None = None) -> int:
    """Measure everything in a fresh folder under `folder` (the current one), print it, and leave nothing behind.

    The exit status is 1 when a promise is not kept. NeedsAttention when the folder is no place to measure in.
    """
    from appliance.boot.bench.ground import fresh_folder
    from appliance.boot.bench.measuring import measure
    from appliance.boot.bench.plan import FULL, QUICK, Bench

    with (
        fresh_folder(folder or Path.cwd()) as (place, kind),
        tempfile.TemporaryDirectory(prefix="portvakt-") as sockets,
        _progress() as on_step,
    ):
        found = measure(Bench(QUICK if quick else FULL, place, Path(sockets), on_step))
    if as_json:
        print(json.dumps({"figures": [figure.shown() for figure in found]}))
    else:
        _print(found, kind)
    return 0 if all(figure.holds for figure in found) else 1


@contextmanager
def _progress() -> "Iterator[Callable[[str], None]]":
    """A bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    with Progress(
        BarColumn(), TextColumn("{task.description}"), console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=STEPS, completed=-1)
        yield lambda text: bar.update(task, advance=1, description=text)


def _print(found: "list[Figure]", file_system: str) -> None:
    from rich.console import Console
    from rich.table import Table

    # Not a terminal: as wide as it needs, so that nothing is cut.
    console = Console(width=None if sys.stdout.isatty() else 150)
    for added_ms in sorted({figure.added_ms for figure in found}):
        title = f"each fsync {added_ms:g} ms longer" if added_ms else f"as the disk is ({file_system})"
        table = Table("figure", "what", "value", "baseline", "ratio", "bar", "holds", title=title)
        for figure in found:
            if figure.added_ms == added_ms:
                table.add_row(*_cells(figure))
        console.print(table)


def _cells(figure: "Figure") -> list[str]:
    shown = figure.shown()
    value = f"{shown['value']:,g} {figure.unit}"
    baseline = "" if figure.baseline is None else f"{shown['baseline']:,g} {figure.unit}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    kept = "" if figure.bar_text is None else ("yes" if figure.holds else "[bold red]no[/]")
    return [figure.id, figure.about, value, baseline, ratio, figure.bar_text or "", kept]
