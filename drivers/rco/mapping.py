"""The mapping file: how one licensed API is called, filled in by who has its documentation (DR-04). Pure.

Nothing in here is RCO's. The unit offers the values of a grant; paths, fields and sign-in are the file's. It is checked
whole, every mistake at once. `example_mapping.toml` describes our own emulator and nothing else.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.rco.calls import CALLS_LIMIT, CallPattern, found_at, parse_call, parse_calls, place_of
from drivers.rco.forms import CardForm, Forms, TimeForm

PLACE: Final = "settings.mapping"
WORDS_LIMIT: Final = 20
DEVICE: Final = frozenset({"device"})
REVOKE: Final = frozenset({"grant", "revision"})
UPSERT: Final = REVOKE | {"from", "to", "card", "template", "devices"}
OFFERED: Final[Mapping[str, frozenset[str]]] = {
    "upsert": UPSERT, "revoke": REVOKE, "unlock": DEVICE | {"seconds", "not_after"}, "hold": DEVICE | {"seconds"},
    "lock": DEVICE,
}  # fmt: skip
"""The operations and the placeholders that each may use; the first two must be there."""


class SignInKind(StrEnum):
    """How a caller proves who it is."""

    NONE = "none"
    BASIC = "basic"  # user and secret (RFC 7617)
    HEADER = "header"  # the secret itself in a header
    TOKEN = "token"  # noqa: S105 - a token that calls give out for user and secret, in a header


@dataclass(frozen=True, slots=True)
class SignIn:
    """header, prefix: where secret or token go. calls: those that keep `token`."""

    kind: SignInKind = SignInKind.NONE
    header: str = "Authorization"
    prefix: str = ""
    calls: tuple[CallPattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A field and which of its words mean what was asked for."""

    place: str = ""
    words: tuple[str, ...] = ()

    def says(self, item: object) -> bool:
        """Whether an item has one of them; true and false are written small."""
        value = found_at(item, self.place) if self.place else None
        return (str(value).lower() if isinstance(value, bool) else str(value)) in self.words


@dataclass(frozen=True, slots=True)
class Reading:
    """A call whose answer is a list, with where things stand in each item (fields) and in the whole answer (whole)."""

    call: CallPattern
    items: str
    fields: Mapping[str, str]
    whole: Mapping[str, str]
    words: Mapping[str, Word]
    prefix: str = ""
    first: str = ""


@dataclass(frozen=True, slots=True)
class ApiMapping:
    """One mapping file. prefix: what stands before our grants' ids there, to tell them from what is not ours."""

    forms: Forms = field(default_factory=Forms)
    sign_in: SignIn = SignIn()
    acts: Mapping[str, tuple[CallPattern, ...]] = field(default_factory=dict)
    listing: Reading | None = None
    doors: Reading | None = None
    events: Reading | None = None


def parse_mapping(text: str) -> tuple[ApiMapping, list[FieldError]]:
    """The mapping in a file, with every mistake in it; usable only when there is none."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        return ApiMapping(), [FieldError(PLACE, "malformed", f"the file is not TOML: {str(wrong)[:120]}")]
    root = Section(PLACE, document)
    acts = {
        name: parse_calls(root.sections(name, CALLS_LIMIT), offered)
        for name, offered in OFFERED.items()
    }  # fmt: skip
    for name in ("upsert", "revoke"):
        if not acts[name]:
            root.mistake(name, "missing", "must be one call or more, as [[" + name + "]]")
    found = ApiMapping(
        _forms(root), _sign_in(root), {name: calls for name, calls in acts.items() if calls},
        _listing(root), _doors(root), _events(root),
    )  # fmt: skip
    if bool(acts["hold"]) is not bool(acts["lock"]) or (acts["hold"] and found.events is None):
        root.mistake("hold", "malformed", "needs [[lock]], which ends it, and [events], with which it is kept up")
    root.finish()
    return found, root.errors


def _forms(root: Section) -> Forms:
    time, card = _inner(root, "time"), _inner(root, "card")
    found = Forms(
        time.choice("form", TimeForm, TimeForm.UTC),
        _zone(time),
        card.choice("form", CardForm, CardForm.AS_READ),
        card.number("bits", 1, 128, 26),
    )
    time.finish()
    card.finish()
    return found


def _zone(section: Section) -> ZoneInfo:
    try:
        return ZoneInfo(section.text("zone", "UTC"))
    except (LookupError, ValueError, OSError):
        section.mistake("zone", "not_an_option", "must be an IANA time zone such as Europe/Stockholm")
        return ZoneInfo("UTC")


def _sign_in(root: Section) -> SignIn:
    section = _inner(root, "sign_in")
    kind = section.choice("kind", SignInKind, SignInKind.NONE)
    header = section.text("header", "Authorization", 64)
    if not header.replace("-", "").isalnum() or not header.isascii():
        section.mistake("header", "malformed", "must be the name of a header")
    calls = parse_calls(section.sections("calls", CALLS_LIMIT), frozenset({"user", "secret"}))
    keeps = any("token" in call.keep for call in calls)
    if keeps is not (kind is SignInKind.TOKEN):
        section.mistake("calls", "malformed", 'a token, and nothing else, needs calls of which one keeps "token"')
    found = SignIn(kind, header, section.text("prefix", "", 40), calls)
    section.finish()
    return found


def _listing(root: Section) -> Reading | None:
    names = ("grant", "from", "to", "card", "template", "revision")
    reading = _reading(root, "list", names, ("next",), {"next"}, ("on_device",))
    if reading is None:
        root.mistake("list", "missing", "must say how the system tells what it holds")
        return None
    is_told = all(reading.fields.get(name) for name in ("from", "to", "card", "template"))
    if not reading.fields.get("grant") or not (is_told or reading.fields.get("revision")):
        root.mistake("list", "missing", "fields must have grant, and revision or all of from, to, card and template")
    return reading


def _doors(root: Section) -> Reading | None:
    return _reading(root, "doors", ("device",), (), set(), ("released", "open"))


def _events(root: Section) -> Reading | None:
    names = ("id", "device", "at", "heard_at", "grant", "reason")
    whole = ("cursor", "complete_until")
    reading = _reading(root, "events", names, whole, {"cursor", "now"}, ("granted", "denied", "opened"))
    if reading is not None and not (all(reading.fields.get(one) for one in names[:3]) and reading.whole.get("cursor")):
        root.mistake("events", "missing", "must have the fields id, device and at, and cursor")
    return reading


def _reading(
    root: Section, name: str, fields: tuple[str, ...], whole: tuple[str, ...], offered: set[str], words: tuple[str, ...]
) -> Reading | None:
    """One call whose answer is a list; None when the file has none of this name."""
    if not root.has(name):
        return None
    section = _inner(root, name)
    inner = _inner(section, "fields", f"{PLACE}.{name}")
    found = Reading(
        parse_call(section, frozenset(offered)),
        _place(section, "items"),
        {one: place for one in fields if (place := _place(inner, one))},
        {one: place for one in whole if (place := _place(section, one))},
        {one: word for one in words if (word := _word(section, one, f"{PLACE}.{name}")) is not None},
        section.text("prefix", "", 40),
        section.text("first", "", 40),
    )
    inner.finish()
    section.finish()
    return found


def _word(section: Section, name: str, place: str) -> Word | None:
    if not section.has(name):
        return None
    inner = _inner(section, name, place)
    listed = inner.list_of("is", bool, "words", WORDS_LIMIT)
    found = Word(_place(inner, "field"), listed)
    inner.finish()
    return found


def _inner(section: Section, name: str, place: str = PLACE) -> Section:
    return Section(f"{place}.{name}", section.mapping(name), section.errors)


def _place(section: Section, name: str) -> str:
    return place_of(section, name, section.text(name, "", 200)) if section.has(name) else ""
