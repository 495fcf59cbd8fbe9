"""A folder of static files has a name that changes with its content, and only then."""

from pathlib import Path

from appliance.foundation.static_version import static_version


def test_the_name_follows_names_and_content(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.css").write_text("a { }")
    first = static_version(tmp_path)
    assert first == static_version(tmp_path)
    (tmp_path / "deep" / "a.css").write_text("b { }")
    second = static_version(tmp_path)
    (tmp_path / "deep" / "a.css").rename(tmp_path / "deep" / "b.css")
    assert len({first, second, static_version(tmp_path)}) == 3
