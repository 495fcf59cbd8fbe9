"""The mapping file of a licensed API: checked whole, filled in and never run (DR-04, DR-13)."""

import random
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.foundation.documents import Section
from appliance.foundation.instants import parse_instant
from drivers.contract import DriverRefused
from drivers.rco.calls import CallPattern, Method, filled, found_at, parse_calls
from drivers.rco.forms import CardForm, Forms, TimeForm
from drivers.rco.mapping import ApiMapping, SignInKind, parse_mapping

EXAMPLE = (resources.files("drivers.rco") / "example_mapping.toml").read_text(encoding="utf-8")


def mistakes(text: str) -> dict[str, str]:
    return {error.field.removeprefix("settings.mapping"): error.code for error in parse_mapping(text)[1]}


def test_the_example_has_no_mistake_and_says_whose_it_is() -> None:
    """DR-04: nothing in it is RCO's, and each of its paths says so."""
    mapping, errors = parse_mapping(EXAMPLE)
    assert errors == []
    assert set(mapping.acts) == {"upsert", "revoke", "unlock", "hold", "lock"}
    assert mapping.sign_in.kind is SignInKind.TOKEN
    assert "NOT RCO'S" in EXAMPLE
    paths = [call.path for calls in mapping.acts.values() for call in calls]
    assert all(path.startswith("/portvakt-emulator/") for path in paths)


def test_every_mistake_is_told_at_once() -> None:
    """DR-04: nobody mends a file one error at a time."""
    assert mistakes(
        """
        colour = "red"
        time = { form = "sundial", zone = "Atlantis" }
        card = { form = "decimal", bits = 0 }
        sign_in = { kind = "token", header = "a b" }
        upsert = [{ method = "STEAL", path = "no-slash", body = { a = "{nobody}", b = 1.5, c = "{" } }]
        hold = [{ path = "/a/{device}", when = "never_kept", keep = { "Ä" = "a" } }]
        [list]
        path = "/x"
        items = "a..b"
        fields = { grant = "id", size = "s" }
        on_device = { field = "s" }
        """
    ) == {
        ".colour": "unknown",
        ".time.form": "not_an_option",
        ".time.zone": "not_an_option",
        ".card.bits": "out_of_range",
        ".sign_in.header": "malformed",
        ".sign_in.calls": "malformed",
        ".upsert.0.method": "not_an_option",
        ".upsert.0.path": "malformed",
        ".upsert.0.body": "unknown_placeholder",
        ".hold.0.when": "unknown",
        ".hold.0.keep": "malformed",
        ".hold": "malformed",
        ".revoke": "missing",
        ".list.items": "malformed",
        ".list.fields.size": "unknown",
        ".list.on_device.is": "missing",
        ".list": "missing",
    }
    assert mistakes("= broken") == {"": "malformed"}
    assert mistakes("[[" * 5000) == {"": "malformed"}


def test_a_placeholder_is_a_value_or_words_and_nothing_else() -> None:
    """DR-04: what looks like code stays a text."""
    values = {"card": "26:A", "from": 60, "devices": ["D1", "D2"]}
    pattern = {"card": "{card}", "times": ["{from}", "at {from}"], "all": "{devices}", "on": True}
    assert filled(pattern, values) == {
        "card": "26:A", "times": [60, "at 60"], "all": ["D1", "D2"], "on": True,
    }  # fmt: skip
    for hostile in ("{card.__class__}", "{card!r}", "{0}", "${card}", "{{card}}", "{card:>99999999}"):
        sections = [Section("s", {"path": "/a", "body": {"x": hostile}})]
        parse_calls(sections, frozenset({"card"}))
        assert bool(sections[0].errors) is (hostile != "${card}")
    assert filled("${card}", values) == "$26:A"
    assert filled("{card}", {"card": "{from}", "from": "code"}) == "{from}", "what was filled in is not filled again"


def test_a_path_cannot_be_left() -> None:
    """DR-13: names of doors and what a server gave are quoted; what would be no name at all is refused."""
    call = CallPattern(Method.GET, "/doors/{device}/open", {"why": "{device}"})
    assert (
        call.target({"device": "../a b?c#d/å"})
        == "/doors/..%2Fa%20b%3Fc%23d%2F%C3%A5/open?why=..%2Fa+b%3Fc%23d%2F%C3%A5"
    )
    for nothing in ("", "..", ".", None):
        with pytest.raises(DriverRefused, match="nothing in it"):
            call.target({"device": nothing})


def test_calls_follow_what_those_before_them_found() -> None:
    """DR-04: look for a person, make one where there is none, change the one there is."""
    text = """
        upsert = [
            { path = "/people", query = { ref = "{grant}" }, keep = { person = "items.0.id" } },
            { method = "POST", path = "/people", unless = "person", keep = { person = "id" } },
            { method = "PUT", path = "/people/{person}", when = "person", body = { card = "{card}" } },
        ]
        revoke = [{ method = "DELETE", path = "/cards/{grant}" }]
        list = { path = "/cards", items = "all", fields = { grant = "id", revision = "rev" } }
    """
    mapping, errors = parse_mapping(text)
    assert errors == []
    look, make, change = mapping.acts["upsert"]
    known = look.kept({"items": [{"id": 7}]}, {"grant": "g"})
    assert (make.is_due(known), change.is_due(known), change.target(known)) == (False, True, "/people/7")
    known = look.kept({"items": []}, {"grant": "g"})
    assert make.is_due(known)
    assert change.target(make.kept({"id": "p 1"}, known)) == "/people/p%201"


@pytest.mark.parametrize("form", TimeForm)
def test_times_come_back_as_they_went(form: TimeForm) -> None:
    """DR-04: an hour that local clocks show twice is refused instead of held at the wrong time."""
    forms = Forms(form, ZoneInfo("Europe/Stockholm"))
    dice = random.Random(4)
    for _ in range(300):
        at = dice.randrange(0, 1 << 32) // 60 * 60
        try:
            assert forms.instant_in(forms.instant_out(at)) == at
        except DriverRefused:
            assert form is TimeForm.LOCAL
    repeated = parse_instant("2026-10-25T01:30:00Z")  # 02:30 in Stockholm, a second time
    if form is TimeForm.LOCAL:
        with pytest.raises(DriverRefused, match="shown twice"):
            forms.instant_out(repeated)
    else:
        assert forms.instant_in(forms.instant_out(repeated)) == repeated


@pytest.mark.parametrize("form", CardForm)
def test_cards_come_back_as_they_went(form: CardForm) -> None:
    """DR-04: a card of another length than all cards have is refused, where the form does not say it."""
    forms = Forms(card=form, bits=26)
    assert forms.card_in(forms.card_out("26:2468ACE")) == "26:2468ACE"
    if form is not CardForm.AS_READ:
        with pytest.raises(DriverRefused, match="26 bits"):
            forms.card_out("34:2468ACE")
    noises: tuple[object, ...] = ("", "x", "-1", None, 1.5, True, [], "9" * 100, "26:FFFFFFFF")
    assert [forms.card_in(noise) for noise in noises] == [None] * len(noises)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(answer=JSON, place=st.from_regex(r"[a-z0-9]{1,3}(\.[a-z0-9]{1,3}){0,3}", fullmatch=True))
def test_any_answer_is_read_or_not_and_never_a_crash(answer: object, place: str) -> None:
    """DR-13"""
    found_at(answer, place)
    for form in TimeForm:
        Forms(form).instant_in(answer)
    for card in CardForm:
        Forms(card=card).card_in(answer)


def damaged_files(rounds: int) -> None:
    dice, whole = random.Random(31), EXAMPLE.encode()
    for _ in range(rounds):
        at, length = dice.randrange(len(whole)), dice.randrange(1, 40)
        piece = dice.choice((b"", dice.randbytes(length), whole[:length], b"[" * length, b'"{x}"'))
        mapping, errors = parse_mapping((whole[:at] + piece + whole[at + length :]).decode(errors="replace"))
        assert errors or isinstance(mapping, ApiMapping)


def test_a_damaged_file_is_refused_or_read_and_never_a_crash() -> None:
    """DR-13"""
    damaged_files(300)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_flood_of_damaged_files_is_survived() -> None:
    """DR-13"""
    damaged_files(100_000)
