"""Texts in Swedish, English and French: English is written in the code, the others in `appliance/locales` (.po).

Only the standard library is used, so that the door process can speak too.
"""

import gettext
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

LANGUAGES: Final = ("sv", "en", "fr")
DEFAULT_LANGUAGE: Final = "sv"
_DOMAIN = "portvakt"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one of `LANGUAGES`; English needs none. A missing compiled file is a FileNotFoundError."""
    if language == "en":
        return gettext.NullTranslations()
    if language not in LANGUAGES:
        raise ValueError(f"no texts in {language!r}; there are {', '.join(LANGUAGES)}")
    folder = resources.files("appliance") / "locales"
    return gettext.translation(_DOMAIN, str(folder), [language])


def text(language: str, message: str, /, **values: object) -> str:
    """`message` in `language`, with its `{placeholders}` filled from `values`."""
    return translations(language).gettext(message).format(**values)


def plural(language: str, one: str, many: str, count: int, /, **values: object) -> str:
    """The form of a sentence that fits `count`, which is also the placeholder `{count}`."""
    return translations(language).ngettext(one, many, count).format(count=count, **values)


def marked(message: str) -> str:
    """Mark a text for translation where it is defined; it is translated where it is shown."""
    return message


def best_language(accepted: str | None) -> str:
    """The first of our languages in an Accept-Language header (RFC 9110 section 12.5.4), by weight; else Swedish."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate((accepted or "").split(",")[:20]):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        if primary in LANGUAGES and weight > 0:
            weighted.append((-weight, position, primary))
    return min(weighted)[2] if weighted else DEFAULT_LANGUAGE


def environment_language(environment: Mapping[str, str]) -> str | None:
    """The language a program's caller reads: the first of LC_ALL, LC_MESSAGES and LANG that is set (POSIX.1-2017, 8.2).

    None when none is set, and when it names none of ours, as `C` does.
    """
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    primary = locale.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return primary if primary in LANGUAGES else None
