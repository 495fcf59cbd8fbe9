"""The doors in the console: what is shown, and each act with its reason, its confirmation and its no."""

import re
from dataclasses import replace

import pytest

from tests.web.admin.staff import Desk
from tests.web.pages.fake_doors import event


def test_each_door_says_what_its_contact_says_and_what_was_never_tried(desk: Desk) -> None:
    """AC-11."""
    entrance = desk.doors.views[0]
    desk.doors.views[0] = replace(entrance, state="forced", hardware="never_tried", fault="the cover is off")
    desk.doors.events = [event(1, "granted", door_id=entrance.id, kind="pin", reason="granted", booking_number="SP-7")]
    for page in (desk.get("/admin/doors"), desk.get(f"/admin/doors/{entrance.slug}")):
        for words in ("Forced open", "never tried on real hardware", "the cover is off", "Booking SP-7", "PIN"):
            assert words in page, words
    assert "Forced open" in desk.get(f"/admin/doors/{entrance.id}")
    assert desk.client.get("/admin/doors/nowhere").status_code == 404


def test_a_door_process_that_is_away_is_said(desk: Desk) -> None:
    desk.doors.away = True
    assert "The doors themselves go on as they were" in desk.get("/admin/doors")


def test_a_door_is_opened_once_with_a_reason_on_record(desk: Desk) -> None:
    """AC-19."""
    page = desk.post("/admin/doors/entrance/release", reason="Forgot the jacket")
    assert "Unlocked for 5 s. Your reason is on record." in page
    assert ("release", "entrance", desk.actor, "Forgot the jacket") in desk.doors.asked
    assert "Unlocked for 5 s" not in desk.get("/admin/doors/entrance"), "said once"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_good_reason_nothing_opens_and_all_that_was_typed_stays(desk: Desk, reason: str) -> None:
    """AC-19."""
    page = desk.post("/admin/doors/entrance/release", 422, reason=reason)
    assert 'aria-describedby="release-reason-wrong"' in page
    assert not [asked for asked in desk.doors.asked if asked[0] == "release"]


def test_a_form_without_the_token_of_its_session_does_nothing(desk: Desk) -> None:
    """SH-10."""
    answer = desk.client.post("/admin/doors/entrance/release", data={"reason": "from another site"})
    assert answer.status_code == 403
    assert not [asked for asked in desk.doors.asked if asked[0] == "release"]


@pytest.mark.parametrize("mode", ["free_access", "lockdown", "emergency"])
def test_what_shuts_or_opens_for_all_is_asked_once_more(desk: Desk, mode: str) -> None:
    """AC-12."""
    wish = {"mode": mode, "on": "true", "reason": "burglary next door"}
    asked = desk.post("/admin/doors/entrance/mode", 200, **wish)
    assert "until somebody ends it" in asked
    assert 'name="reason" value="burglary next door"' in asked
    assert not [each for each in desk.doors.asked if each[0] == "mode"]
    desk.post("/admin/doors/entrance/mode", 200, **wish, confirmed="yes")
    assert ("mode", "entrance", mode, desk.actor, "burglary next door", True) in desk.doors.asked


def test_what_was_begun_is_ended_without_another_question(desk: Desk) -> None:
    """AC-12."""
    desk.doors.views[0] = replace(desk.doors.views[0], mode="lockdown")
    assert "End: Lockdown" in desk.get("/admin/doors/entrance")
    page = desk.post("/admin/doors/entrance/mode", mode="lockdown", reason="all is well")
    assert "As the keys say" in page
    assert ("mode", "entrance", "lockdown", desk.actor, "all is well", False) in desk.doors.asked


def test_a_backup_pin_is_shown_once_with_its_reason_on_record(desk: Desk) -> None:
    """AC-19."""
    page = desk.post("/admin/doors/entrance/backup-pin", reason="Phone died", minutes="15")
    shown = re.search(r'class="secret">(\d{4}) (\d{4})<', page)
    assert shown
    assert "".join(shown.groups()) not in desk.get("/admin/doors/entrance")
    [(actor, after)] = desk.site.rows("SELECT actor, after FROM journal WHERE entity = 'backup_pin' AND verb = 'given'")
    assert actor == desk.actor
    assert '"reason":"Phone died"' in str(after).replace(" ", "").replace("Phonedied", "Phone died")


def test_every_mistake_is_told_at_once(desk: Desk) -> None:
    page = desk.post("/admin/doors/entrance/backup-pin", 422, reason="", minutes="900")
    assert "This is needed." in page
    assert "Choose a number from 1 to 240." in page
    assert 'value="900"' in page
