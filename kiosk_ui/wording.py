"""Times, days and money as the kiosk tells them: those of the foundation, which speaks so to everybody."""

from appliance.foundation.wording import (
    LANGUAGE_NAMES,
    MONTHS,
    WEEKDAYS,
    clock_text,
    date_text,
    day_text,
    duration_text,
    moment_text,
    money_text,
    offset_text,
    span_text,
    wait_text,
)

__all__ = [
    "LANGUAGE_NAMES",
    "MONTHS",
    "WEEKDAYS",
    "clock_text",
    "date_text",
    "day_text",
    "duration_text",
    "moment_text",
    "money_text",
    "offset_text",
    "span_text",
    "wait_text",
]
