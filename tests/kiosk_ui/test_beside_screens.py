"""Extras and questions at the kiosk: asked where there are some, left out where there are none (DY-61, DY-65)."""

from dataclasses import replace

import pytest

from appliance.foundation.errors import FieldError
from appliance.foundation.money import Money
from kiosk_ui.beside_screens import added_minutes, price_with
from tests.kiosk_ui.fake_desk import BESIDE, FIELDS, PADEL, RACKET, FakeDesk
from tests.kiosk_ui.touching import Person


@pytest.fixture
def beside(desk: FakeDesk) -> FakeDesk:
    desk.offered = (BESIDE,)
    return desk


def choose_time(person: Person, at: int = 1) -> None:
    person.open("/kiosk/time")
    person.press("/kiosk/time", service="padel-id", minutes="60", start=person.value("start", at))


@pytest.mark.feature("DY-65", "KI-02")
def test_the_step_is_left_out_where_there_are_no_extras(person: Person, desk: FakeDesk) -> None:
    """DY-65, KI-02: time, place, contact, key, as before; the step has no address of its own either."""
    choose_time(person)
    assert person.where == "/kiosk/place"
    person.open("/kiosk/extras")
    assert person.where == "/kiosk/time"
    person.open("/kiosk/question")
    assert person.where == "/kiosk/time"


@pytest.mark.feature("DY-65")
def test_extras_are_chosen_after_the_time_and_paid_with_it(person: Person, beside: FakeDesk) -> None:
    """DY-65: so many of each, in the summary and in the price."""
    beside.offered = (replace(BESIDE, fields=()),)
    choose_time(person)
    assert (person.where, person.heading) == ("/kiosk/extras", "Något mer?")
    assert "Steg 2 av 5" in person.page
    person.press("/kiosk/extras", **{"extra-warm-up": "0", "extra-racket": "2"})
    assert person.where == "/kiosk/place"
    assert "300 kr" in person.page
    person.press("/kiosk/place", resource=person.value("resource"))
    assert "2 × Racket" in person.page
    assert "Boka för 300 kr" in person.page
    assert "Steg 4 av 5" in person.page
    person.press("/kiosk/contact", by="phone", contact="0701234567")
    assert "Steg 5 av 5" in person.page


@pytest.mark.feature("DY-67")
def test_a_time_that_is_too_short_for_the_extras_leads_to_those_that_are_not(person: Person, beside: FakeDesk) -> None:
    """DY-67: from then on only times are offered at which all of it fits."""
    gap = beside.taken["court-4"][0].end + 3600
    ends = [replace_end(beside, slug, gap) for slug in beside.taken]
    assert ends
    person.open("/kiosk/time")
    person.press("/kiosk/time", service="padel-id", minutes="60", start=str(gap - 3600))
    assert person.where == "/kiosk/extras"
    person.press("/kiosk/extras", **{"extra-warm-up": "1", "extra-racket": "0"})
    assert person.where == "/kiosk/time"
    assert "får tiden inte plats" in person.page
    assert f'value="{gap - 3600}"' not in person.page
    assert f'value="{gap - 4500}"' in person.page
    person.press("/kiosk/time", service="padel-id", minutes="60", start=str(gap - 4500))
    assert 'name="extra-warm-up" value="1"' in person.page


def replace_end(desk: FakeDesk, slug: str, end: int) -> int:
    """Leave the place free for the hour and a quarter before `end`, and take what comes after."""
    first = desk.taken[slug][0]
    desk.taken[slug] = [
        replace(first, start=first.start - 86_400, end=end - 4500),
        replace(first, start=end, end=end + 86_400),
    ]
    return end


@pytest.mark.feature("DY-69")
def test_only_what_is_to_be_shown_of_an_extra_is_shown(person: Person, beside: FakeDesk) -> None:
    """DY-69: each of the five can be switched off; the name is then still there for those who listen."""
    for part, words in (
        ("title", "<strong>Racket</strong>"),
        ("price", "30 kr"),
        ("image", "<img"),
        ("duration", "+15 min"),
        ("summary", "Grafit"),
    ):
        whole = replace(RACKET, minutes=15, shows=frozenset({"title", "price", "image", "duration", "summary"}))
        for shows in (whole.shows, whole.shows - {part}):
            beside.offered = (replace(BESIDE, extras=(replace(whole, shows=shows),)),)
            choose_time(person)
            shown = person.page.replace("\N{NO-BREAK SPACE}", " ")
            assert (words in shown) is (part in shows), (part, shows)
            assert "Racket" in shown


@pytest.mark.parametrize("typed", ["1", "5", "-1", "x", "99999", ""])
def test_a_made_up_number_of_extras_is_none(person: Person, beside: FakeDesk, typed: str) -> None:
    """DY-66: two to four rackets may be taken, or none."""
    choose_time(person)
    person.press("/kiosk/extras", **{"extra-racket": typed, "extra-nobody": "1"})
    person.press("/kiosk/place", resource=person.value("resource"))
    assert next(iter(beside.holds.values())).extras == ()


@pytest.mark.feature("DY-61")
def test_each_question_is_asked_and_a_needed_answer_cannot_be_left_out(person: Person, beside: FakeDesk) -> None:
    """DY-61: one a screen before the contact, with what was typed; what need not be answered may be left empty."""
    beside.offered = (replace(BESIDE, extras=()),)
    choose_time(person)
    person.press("/kiosk/place", resource=person.value("resource"))
    assert (person.where, person.heading) == ("/kiosk/question", "Medlemsnummer")
    assert "Det står på ditt kort." in person.page
    person.press("/kiosk/question", at="0", answer="")
    assert (person.heading, 'role="alert"' in person.page) == ("Medlemsnummer", True)
    assert "Det här behövs" in person.page
    person.press("/kiosk/question", at="0", answer="A17")
    assert person.heading == "Nivå"
    person.press("/kiosk/question", at="1", answer="Van")
    person.press("/kiosk/question", at="2", answer="")
    person.press("/kiosk/question", at="3", answer="yes")
    assert person.where == "/kiosk/contact"
    person.press("/kiosk/contact", by="phone", contact="0701234567")
    assert person.where == "/kiosk/key"
    assert beside.answered == [{"member": "A17", "level": "Van", "born": "", "rules": "yes"}]


@pytest.mark.feature("DY-61")
def test_what_is_refused_at_the_end_leads_to_the_first_such_question_with_everything(
    person: Person, beside: FakeDesk
) -> None:
    """DY-61: all mistakes at once, also when the questions changed meanwhile; nothing is booked."""
    beside.offered = (PADEL,)
    choose_time(person)
    person.press("/kiosk/place", resource=person.value("resource"))
    beside.offered = (replace(PADEL, fields=FIELDS),)
    beside.book_errors = (
        FieldError("rules", "missing", "This is needed."), FieldError("level", "invalid", "Write a number."),
    )  # fmt: skip
    person.press("/kiosk/contact", by="phone", contact="0701234567")
    assert (person.where, person.heading) == ("/kiosk/question", "Nivå")
    assert "Det här behövs. Skriv ett tal." in person.page
    assert beside.bookings == {}


def choose_row(person: Person, at: int = 1) -> None:
    person.open("/kiosk/time?row=2")
    person.press("/kiosk/time", service="padel-id", minutes="60", row="2", start=person.value("start", at))


@pytest.mark.feature("DY-61", "DY-65", "DY-56")
def test_a_row_is_asked_for_extras_and_answers_once(person: Person, beside: FakeDesk) -> None:
    """DY-61, DY-65, DY-56: extras, questions, contact; a needed answer cannot be left out, and back leads back."""
    beside.offered = (replace(BESIDE, most_in_a_row=3),)
    choose_row(person)
    assert (person.where, "Steg 2 av 4" in person.page) == ("/kiosk/extras", True)
    person.press("/kiosk/extras", **{"extra-warm-up": "0", "extra-racket": "2"})
    assert (person.where, person.heading) == ("/kiosk/question", "Medlemsnummer")
    assert "Steg 3 av 4" in person.page
    assert "data-expires-in" not in person.page
    person.press("/kiosk/question", at="0", answer="")
    assert "Det här behövs" in person.page
    for at, answer in enumerate(("A17", "Van", "", "yes")):
        person.press("/kiosk/question", at=str(at), answer=answer)
    assert (person.where, "Steg 3 av 4" in person.page) == ("/kiosk/row", True)
    assert "2 × Racket" in person.page
    assert "600 kr</strong>" in person.page
    person.press("/kiosk/row", by="phone", contact="0701234567")
    assert person.where == "/kiosk/row/keys"
    assert beside.answered == [{"member": "A17", "level": "Van", "born": "", "rules": "yes"}]


@pytest.mark.feature("DY-61", "DY-56")
def test_a_row_that_lacks_an_answer_leads_to_its_question(person: Person, beside: FakeDesk) -> None:
    """DY-61, DY-56: whoever comes to the contact by its address; nothing is booked."""
    beside.offered = (replace(BESIDE, extras=(), most_in_a_row=3),)
    choose_row(person)
    assert person.where == "/kiosk/question"
    person.open("/kiosk/row")
    beside.book_errors = (FieldError("level", "missing", "This is needed."),)
    person.press("/kiosk/row", by="phone", contact="0701234567")
    assert (person.where, person.heading) == ("/kiosk/question", "Nivå")
    assert "Det här behövs" in person.page
    assert beside.answered == []


@pytest.mark.feature("DY-67", "DY-56")
def test_a_row_that_is_too_long_with_its_extras_leads_to_times_at_which_it_is_not(
    person: Person, beside: FakeDesk
) -> None:
    """DY-67, DY-56: two hours fit, two of an hour and a quarter do not; from then on only what fits is offered."""
    beside.offered = (replace(BESIDE, fields=(), most_in_a_row=3),)
    gap = beside.taken["court-4"][0].end + 2 * 3600
    for slug in beside.taken:
        first = beside.taken[slug][0]
        beside.taken[slug] = [
            replace(first, start=first.start - 86_400, end=gap - 7200),
            replace(first, start=gap, end=gap + 5400),
        ]
    person.open("/kiosk/time?row=2")
    person.press("/kiosk/time", service="padel-id", minutes="60", row="2", start=str(gap - 7200))
    person.press("/kiosk/extras", **{"extra-warm-up": "1", "extra-racket": "0"})
    assert person.where == "/kiosk/time"
    assert "får tiden inte plats" in person.page
    assert f'value="{gap - 7200}"' not in person.page
    assert f'value="{gap + 5400}"' in person.page
    assert 'name="row" value="2"' in person.page


def test_answers_to_one_service_are_not_sent_with_another(person: Person, beside: FakeDesk) -> None:
    """DY-61: whoever changes their mind is asked what the other service asks, and nothing else goes with it."""
    beside.offered = (replace(BESIDE, extras=()), replace(PADEL, id="other-id", slug="other", fields=FIELDS[-1:]))
    choose_time(person)
    person.press("/kiosk/place", resource=person.value("resource"))
    person.press("/kiosk/question", at="0", answer="A17")
    person.open("/kiosk/time?service=other-id")
    person.press("/kiosk/time", service="other-id", minutes="60", start=person.value("start"))
    person.press("/kiosk/place", resource=person.value("resource"))
    person.press("/kiosk/question", at="0", answer="yes")
    person.press("/kiosk/contact", by="phone", contact="0701234567")
    assert beside.answered == [{FIELDS[-1].slug: "yes"}]


def test_what_is_for_each_person_is_paid_by_each_and_the_rest_once() -> None:
    """DY-66: as the booking says it then; and both lengthen the visit once."""
    extras = (("warm-up", 1), ("racket", 2), ("gone", 3))
    each = Money(24_000, "SEK")
    assert price_with(BESIDE, extras, each, 1).amount == 24_000 + 5_000 + 2 * 3_000
    assert price_with(BESIDE, extras, each, 3).amount == 3 * 24_000 + 5_000 + 6 * 3_000
    assert added_minutes(BESIDE, extras) == 15
