"""Templates: filled in one way only, and harmless whatever stands in them and in the values (DY-62, DY-64)."""

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.messaging.placeholders import ALL, OF_THE_CLIENT, Link, html, line, mistakes, plain

SECRET = "s3cr3t-of-somebody-else"
VALUES = {name: f"<{name}>" for name in ALL}
# Every sign that means something to a format string, to Jinja or to HTML, and pieces of names.
PIECES = [*"{}%$!:.[]()<>&'\"\\ \n_", *"abcpin", "{pin}", "{booking_number}", "__class__", "0"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def wrong(template: str, *, for_staff: bool = False) -> list[str]:
    return [each.code for each in mistakes("body", template, ALL, for_staff=for_staff)]


class Trap:
    """A value that tells when anything but its text is asked for."""

    def __init__(self) -> None:
        self.touched: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.touched.append(name)
        return SECRET

    def __str__(self) -> str:
        return "value"


@given(HOSTILE)
def test_a_hostile_template_is_refused_or_says_only_what_it_names(template: str) -> None:
    """DY-62: no attribute, no index, no format, no code: nothing that a template does not name can be in the words."""
    codes = wrong(template)
    names = re.findall(r"\{([^{}]*)\}", template)
    leftover = re.sub(r"\{[^{}]*\}", "", template)
    is_good = all(name in ALL for name in names) and not set(leftover) & set("{}")
    assert (codes == []) == is_good
    if is_good:
        bare = "\n".join(each for each in template.split("\n"))
        expected = re.sub(r"\{([a-z_]+)\}", lambda found: f"<{found[1]}>", bare)
        assert plain(template, VALUES) == expected.strip()


@given(HOSTILE, HOSTILE)
def test_what_is_filled_in_is_never_read_again(template: str, name: str) -> None:
    """DY-62: a customer called {pin} stays one, in text, in a subject and in HTML."""
    values = {**VALUES, "client_name": name, "pin": SECRET}
    assert SECRET not in plain("{client_name}", values)
    assert SECRET not in line("{client_name}", values)
    assert SECRET not in html("{client_name}", values)
    if "{pin}" not in template:
        assert SECRET not in plain(template, values)
        assert SECRET not in html(template, values)


@given(st.text(max_size=80), st.text(max_size=80))
def test_html_holds_no_mark_up_but_ours(template: str, name: str) -> None:
    """DY-62: whatever is written in a template or a name, the letter has our own few elements and nothing else."""
    shown = html(
        f"{template}\n{{client_name}}\n{{key_url}}", {"client_name": name, "key_url": Link("http://x/?a=1&b=2")}
    )
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<p>", "</p>", "<br>", "</a>", '<a href="http://x/?a=1&amp;b=2">'}


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_subject_is_one_printable_line(template: str, name: str) -> None:
    """DY-62: a line break in a name or a template makes no header of its own."""
    shown = line(f"{template} {{client_name}}", {"client_name": name})
    assert shown.isprintable()


def test_a_value_is_never_asked_for_anything_but_its_text() -> None:
    """DY-62: not even the template that Python's own formatting would follow."""
    trap = Trap()
    values = cast("dict[str, str]", {"client_name": trap})
    template = "{client_name.secret} {client_name[0]} {client_name!r} {client_name}"
    assert plain(template, values) == "{client_name.secret} {client_name[0]} {client_name!r} value"
    assert trap.touched == []


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        ("{booking_number}", []),
        ("{nothing}", ["unknown_placeholder"]),
        ("{nothing} {nothing} {no}", ["unknown_placeholder", "unknown_placeholder"]),
        ("{", ["lone_brace"]),
        ("}", ["lone_brace"]),
        ("{{pin}}", ["lone_brace", "lone_brace"]),
        ("{pin.x}", ["lone_brace", "lone_brace"]),
        ("{Pin}", ["lone_brace", "lone_brace"]),
        ("100 % & <b>", []),
    ],
)
def test_each_mistake_in_a_template_is_told_once(template: str, codes: list[str]) -> None:
    """DY-64: an unknown placeholder is an error at save."""
    assert wrong(template) == codes


def test_what_opens_or_cancels_is_not_for_staff() -> None:
    """DY-71: staff see the booking signed in, and hold nobody's key."""
    assert [wrong(f"{{{name}}}", for_staff=True) for name in OF_THE_CLIENT] == [["not_for_staff"]] * len(OF_THE_CLIENT)


def test_a_line_whose_placeholders_are_all_empty_is_left_out() -> None:
    """DY-62: one list of details does for bookings with extras and for those without."""
    values = {"service_name": "Padel", "extras": "", "pin": ""}
    assert plain("{service_name}\nExtras: {extras}\n\nPIN {pin} {service_name}", values) == "Padel\n\nPIN  Padel"
    assert html("{service_name}\n{extras}\n\nHej", values) == "<p>Padel</p>\n<p>Hej</p>\n"


def test_a_link_hides_its_address_in_html_alone() -> None:
    """DY-64: the cancel link."""
    values = {"cancel_link": Link("http://x/?a=1&b=2", "Avboka")}
    assert plain("{cancel_link}", values) == "Avboka: http://x/?a=1&b=2"
    assert html("{cancel_link}", values) == '<p><a href="http://x/?a=1&amp;b=2">Avboka</a></p>\n'
