"""The command's own part: where it finds a configuration, and what it says of one."""

from pathlib import Path

import pytest

from appliance import cli

MISTAKEN = '[unit]\nfacility = "no id"\n'


def place(tmp_path: Path, text: str) -> Path:
    """A data folder with that configuration in it."""
    (tmp_path / "portvakt.toml").write_text(text, encoding="utf-8")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, output, and what was said of errors."""
    status = cli.main(["check-config", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_configuration_is_checked_wherever_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its file in two ways, or by the data folder that it lies in: the same answer."""
    example = Path(__file__).parents[1] / "docs" / "portvakt.toml"
    folder = place(tmp_path, example.read_text(encoding="utf-8"))
    file = str(folder / "portvakt.toml")
    for arguments in ((file,), ("--config", file), ("--data", str(folder))):
        assert told(capsys, *arguments) == (cli.OK, f"{file}: no mistakes\n", "")


def test_the_mistakes_of_a_data_folder_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Negative control: all of them, and exit status 1."""
    status, out, err = told(capsys, "--data", str(place(tmp_path, MISTAKEN)))
    assert (status, out) == (cli.FAILED, "")
    assert {"unit.facility", "unit.data"} <= {line.partition(":")[0] for line in err.splitlines()}


@pytest.mark.parametrize("verb", ["check-config", "reconcile", "verify-journal"])
def test_a_configuration_is_named_once(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder and a file that disagree would leave it to chance which one counts."""
    with pytest.raises(SystemExit) as ended:
        cli.main([verb, "--config", "a.toml", "--data", "b"])
    assert ended.value.code == cli.USAGE
    assert "not allowed with" in capsys.readouterr().err
