"""Calls of a licensed API as a mapping file describes them: placeholders are filled in, nothing is run (DR-04). Pure.

A placeholder is `{name}`. A text that is one placeholder and nothing else becomes the value itself, a number or a list;
within a longer text it becomes words.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlencode

from appliance.foundation.documents import Section
from drivers.contract import DriverRefused

CALLS_LIMIT: Final = 8
DEPTH_LIMIT: Final = 8
PLACEHOLDER: Final = re.compile(r"\{([a-z_]{1,40})\}")
_PATH: Final = re.compile(r"(?:/(?:[A-Za-z0-9._~:@!$()*,;=-]|\{[a-z_]{1,40}\})*){1,16}")
_FIELD: Final = re.compile(r"[A-Za-z0-9_@$-]{1,60}(?:\.[A-Za-z0-9_@$-]{1,60}){0,7}")
_NAME: Final = re.compile(r"[a-z_]{1,40}")
Values = Mapping[str, object]


class Method(StrEnum):
    """Methods of HTTP (RFC 9110 section 9) that a call may have."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class CallPattern:
    """One call. keep: names under which fields of its answer are known to the calls after it.

    absent: statuses that say "there is no such thing", which is as good. when, unless: a name that must have been kept,
    or must not, for the call to be made.
    """

    method: Method
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[int] = frozenset()
    when: str = ""
    unless: str = ""

    def is_due(self, values: Values) -> bool:
        """Whether it is to be made, after what the calls before it found."""
        return (not self.when or values.get(self.when) is not None) and (
            not self.unless or values.get(self.unless) is None
        )

    def target(self, values: Values) -> str:
        """Path and query."""
        path = PLACEHOLDER.sub(lambda match: _quoted(values.get(match[1])), self.path)
        query = {name: _words(filled(value, values)) for name, value in self.query.items()}
        return f"{path}?{urlencode(query)}" if query else path

    def content(self, values: Values) -> bytes:
        """The body, empty when it has none."""
        return json.dumps(filled(self.body, values), separators=(",", ":")).encode() if self.body else b""

    def kept(self, answer: object, values: Values) -> dict[str, object]:
        """What is known after its answer; a field that is not there is kept as nothing."""
        return {**values, **{name: found_at(answer, place) for name, place in self.keep.items()}}


def filled(pattern: object, values: Values) -> object:
    """A pattern with its placeholders filled in."""
    if isinstance(pattern, Mapping):
        return {str(name): filled(one, values) for name, one in pattern.items()}
    if isinstance(pattern, list):
        return [filled(one, values) for one in pattern]
    if not isinstance(pattern, str):
        return pattern
    whole = PLACEHOLDER.fullmatch(pattern)
    if whole is not None:
        return values.get(whole[1])
    return PLACEHOLDER.sub(lambda match: _words(values.get(match[1])), pattern)


def found_at(answer: object, place: str) -> object:
    """What stands at `items.0.id` in an answer; None where nothing does."""
    for name in place.split(".") if place else ():
        if isinstance(answer, Mapping):
            answer = answer.get(name)
        elif isinstance(answer, list) and name.isdigit() and int(name) < len(answer):
            answer = answer[int(name)]
        else:
            return None
    return answer


def parse_calls(sections: list[Section], offered: frozenset[str]) -> tuple[CallPattern, ...]:
    """Calls that may use these placeholders and what earlier ones keep; mistakes go into the sections' errors."""
    found: list[CallPattern] = []
    for section in sections:
        call = parse_call(section, offered)
        section.finish()
        offered |= frozenset(call.keep)
        found.append(call)
    return tuple(found)


def parse_call(section: Section, offered: frozenset[str]) -> CallPattern:
    """One call; its section may hold more, and is not finished."""
    call = CallPattern(
        method=section.choice("method", Method, Method.GET),
        path=section.checked("path", lambda text: _PATH.fullmatch(text) is not None, "a path such as /things/{grant}"),
        query=section.mapping("query"),
        body=section.mapping("body"),
        keep={name: place_of(section, "keep", text) for name, text in section.mapping("keep").items()},
        absent=_statuses(section),
        when=section.text("when", "", 40),
        unless=section.text("unless", "", 40),
    )
    for name in call.keep:
        if _NAME.fullmatch(name) is None:
            section.mistake("keep", "malformed", f"{name}: a name is a-z and _")
    for part, pattern in (("path", call.path), ("query", call.query), ("body", call.body)):
        _look_at(section, part, pattern, offered, 0)
    for part, name in (("when", call.when), ("unless", call.unless)):
        if name and name not in offered:
            section.mistake(part, "unknown", f"no call before this one keeps {name}")
    return call


def place_of(section: Section, name: str, text: object) -> str:
    """Where in an answer something stands."""
    if isinstance(text, str) and _FIELD.fullmatch(text):
        return text
    section.mistake(name, "malformed", "must be names of fields with dots between them, such as items.0.id")
    return ""


def _statuses(section: Section) -> frozenset[int]:
    listed = (
        section.list_of("absent", str.isdigit, 'statuses as texts, such as "404"', 8) if section.has("absent") else ()
    )
    return frozenset(int(one) for one in listed)


def _look_at(section: Section, part: str, pattern: object, offered: frozenset[str], depth: int) -> None:
    if depth > DEPTH_LIMIT:
        section.mistake(part, "malformed", f"is nested more than {DEPTH_LIMIT} deep")
    elif isinstance(pattern, Mapping | list):
        for one in pattern.values() if isinstance(pattern, Mapping) else pattern:
            _look_at(section, part, one, offered, depth + 1)
    elif isinstance(pattern, str):
        rest = PLACEHOLDER.sub("", pattern)
        unknown = sorted(set(PLACEHOLDER.findall(pattern)) - offered)
        if unknown or "{" in rest or "}" in rest:
            known = ", ".join(sorted(offered)) or "none"
            section.mistake(
                part, "unknown_placeholder", f"has {unknown or 'a brace'}; the placeholders here are: {known}"
            )
    elif not isinstance(pattern, bool | int):
        section.mistake(part, "malformed", "holds texts, whole numbers, true and false, lists and tables only")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(_words(one) for one in value)
    return "" if value is None else str(value)


def _quoted(value: object) -> str:
    text = _words(value)
    if text.strip(".") == "":
        raise DriverRefused("a call of the mapping file has a path with nothing in it; mend its `keep` or its path")
    return quote(text, safe="")
