"""Times, days and money as a person reads them in each language: `14:50` or `14 h 50`, `80 kr`, `12,50 €`.

Pure; the zone is always the facility's. A wall-clock time that the zone repeats carries its offset.
"""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.i18n import marked, plural, text
from appliance.foundation.instants import Instant, Interval, local_date
from appliance.foundation.money import Money

LANGUAGE_NAMES: Final = {"sv": "Svenska", "en": "English", "fr": "Français"}

WEEKDAYS: Final = (
    marked("Monday"),
    marked("Tuesday"),
    marked("Wednesday"),
    marked("Thursday"),
    marked("Friday"),
    marked("Saturday"),
    marked("Sunday"),
)
MONTHS: Final = (
    marked("January"),
    marked("February"),
    marked("March"),
    marked("April"),
    marked("May"),
    marked("June"),
    marked("July"),
    marked("August"),
    marked("September"),
    marked("October"),
    marked("November"),
    marked("December"),
)

_NO_BREAK = "\N{NO-BREAK SPACE}"
_DASH = "\N{EN DASH}"
_SIGNS: Final = {"SEK": "kr", "NOK": "kr", "DKK": "kr", "ISK": "kr", "EUR": "€", "GBP": "£", "CHF": "CHF"}
_WITHOUT_MINOR: Final = frozenset({"ISK", "JPY"})


def clock_text(language: str, instant: Instant, zone: ZoneInfo) -> str:
    """`14:50`, in French `14 h 50`; `02:30 (UTC+2)` when the clock shows that time twice that day."""
    moment = datetime.fromtimestamp(instant, zone)
    if language == "fr":
        shown = f"{moment.hour}{_NO_BREAK}h{_NO_BREAK}{moment.minute:02d}"
    else:
        shown = f"{moment.hour:02d}:{moment.minute:02d}"
    return f"{shown}{_NO_BREAK}({offset_text(moment)})" if _is_repeated(moment) else shown


def offset_text(moment: datetime) -> str:
    """`UTC+2`, `UTC+10:30`: the offset of an aware moment."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def span_text(language: str, interval: Interval, zone: ZoneInfo) -> str:
    """From when to when on one day: both clock times with a dash between."""
    first, last = (clock_text(language, instant, zone) for instant in (interval.start, interval.end))
    return f"{first} {_DASH} {last}" if language == "fr" else f"{first}{_DASH}{last}"


def date_text(language: str, day: date) -> str:
    """`Saturday 22 November`, `lördag 22 november`, `samedi 1er novembre`."""
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return text(
        language,
        "{weekday} {day} {month}",
        weekday=text(language, WEEKDAYS[day.weekday()]),
        day=number,
        month=text(language, MONTHS[day.month - 1]),
    )


def day_text(language: str, day: date, today: date) -> str:
    """`Today`, `Tomorrow`, otherwise the date, to stand at the beginning of a line."""
    if day == today:
        return text(language, "Today")
    if day == today + timedelta(days=1):
        return text(language, "Tomorrow")
    return date_text(language, day)


def moment_text(language: str, instant: Instant, now: Instant, zone: ZoneInfo) -> str:
    """The clock time alone when it is today, otherwise day and time, to stand inside a sentence: `tomorrow 07:00`."""
    shown = clock_text(language, instant, zone)
    day, today = local_date(instant, zone), local_date(now, zone)
    if day == today:
        return shown
    name = text(language, "tomorrow") if day == today + timedelta(days=1) else date_text(language, day)
    return f"{name} {shown}"


def wait_text(language: str, seconds: int) -> str:
    """How long there is to wait: `23 min`, `4 min 32 s`, `50 s`. Never negative."""
    minutes, rest = divmod(max(seconds, 0), 60)
    if minutes >= 10 or (minutes and not rest):
        return text(language, "{minutes} min", minutes=minutes + (rest > 0))
    if minutes:
        return text(language, "{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return text(language, "{seconds} s", seconds=rest)


def duration_text(language: str, minutes: int) -> str:
    """`90 min`, whole hours from two on as `2 hours`."""
    hours, rest = divmod(minutes, 60)
    if hours >= 2 and not rest:
        return plural(language, "{count} hour", "{count} hours", hours)
    return text(language, "{minutes} min", minutes=minutes)


def distance_text(language: str, metres: int) -> str:
    """A distance as people say it: to ten metres below a kilometre, to a hundred below ten, then to a kilometre."""
    if metres < 995:
        return f"{round(metres, -1)} m"
    tenths, rest = divmod(round(metres / 100), 10)
    if tenths >= 10:
        return f"{round(metres / 1000)} km"
    point = "." if language == "en" else ","
    return f"{tenths}{point}{rest} km" if rest else f"{tenths} km"


def money_range_text(language: str, low: Money, high: Money) -> str:
    """From the least to the most that something may cost, in the words for one amount where they are the same."""
    least, most = money_text(language, low), money_text(language, high)
    return least if least == most else f"{least}\N{EN DASH}{most}"


def money_text(language: str, money: Money) -> str:
    """`80 kr`, `12,50 €` (`12.50 €` in English); minor units only where there are some."""
    sign = _SIGNS.get(money.currency, money.currency)
    if money.currency in _WITHOUT_MINOR:
        return f"{_grouped(money.amount)}{_NO_BREAK}{sign}"
    whole, minor = divmod(abs(money.amount), 100)
    minus = "-" if money.amount < 0 else ""
    point = "." if language == "en" else ","
    fraction = f"{point}{minor:02d}" if minor else ""
    return f"{minus}{_grouped(whole)}{fraction}{_NO_BREAK}{sign}"


def _grouped(amount: int) -> str:
    return f"{amount:,}".replace(",", _NO_BREAK)


def _is_repeated(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
