"""Standing access in words: the hours of the week, and why a member's card opens or does not (AC-06)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.i18n import marked, text
from appliance.foundation.weekly import WeeklyStretch, end_minute
from appliance.foundation.wording import WEEKDAYS
from appliance.web.admin.moments import moment
from appliance.web.speaking import language
from appliance.web.standing_access import Standing, StandingView

_WHY: Final = {
    Standing.OPEN: marked("The card opens now."),
    Standing.SHUT: marked("Outside its hours: the card opens again {time}."),
    Standing.NOT_BEGUN: marked("It begins {time}."),
    Standing.ENDED: marked("It ended {time}: the card opens nothing with it."),
    Standing.NO_CARD: marked("No card is bound, or the one that was is blocked."),
    Standing.BLOCKED: marked("The customer is blocked or archived: the card opens nothing with it."),
}


def shown_standing(views: Iterable[StandingView], zone: ZoneInfo) -> list[Mapping[str, object]]:
    """Each as the help desk shows it."""
    return [
        {
            "person": view.person,
            "product": view.product,
            "doors": ", ".join(view.doors),
            "hours": [hours_said(stretch) for stretch in view.access.hours],
            "why": text(language(), _WHY[view.standing], time=moment(view.at, zone)),
        }
        for view in views
    ]


def hours_said(stretch: WeeklyStretch) -> str:
    """Such as "Monday–Friday 06:00–22:00"; days in a row are named by the first and the last."""
    times = "\N{EN DASH}".join(f"{at // 60:02}:{at % 60:02}" for at in (stretch.from_minute, end_minute(stretch)))
    return f"{_days_said(sorted(stretch.weekdays))} {times}"


def _days_said(days: Sequence[int]) -> str:
    spoken = language()
    if len(days) == len(WEEKDAYS):
        return text(spoken, "Every day")
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [text(spoken, name) for name in WEEKDAYS]
    return ", ".join(
        f"{names[run[0]]}\N{EN DASH}{names[run[-1]]}" if len(run) > 2 else ", ".join(names[day] for day in run)
        for run in runs
    )
