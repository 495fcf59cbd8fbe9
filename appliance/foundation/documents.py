"""Reading a document strictly: typed values out of an object, with every mistake collected instead of the first raised.

One reader for the configuration file, the site plan and the settings of drivers, so that a mistake reads the same
wherever it was made.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from appliance.foundation.errors import FieldError
from appliance.foundation.ids import is_id, is_slug

TEXT_LIMIT = 120
Option = TypeVar("Option", bound=StrEnum)


class Section:
    """Typed access to one object at `path`. A wrong value is noted in `errors` and something harmless returned.

    Names that nobody asked for are mistakes too; `finish` notes them.
    """

    def __init__(self, path: str, values: object, errors: list[FieldError] | None = None) -> None:
        self.errors: list[FieldError] = [] if errors is None else errors
        self._path = path
        self._values: Mapping[str, object] = values if isinstance(values, Mapping) else {}
        self._asked: set[str] = set()
        if not isinstance(values, Mapping):
            self.errors.append(FieldError(path, "malformed", "must be an object with names and values"))

    def mistake(self, name: str, code: str, message: str) -> None:
        """Note a mistake in one value."""
        self.errors.append(FieldError(f"{self._path}.{name}", code, message))

    def has(self, name: str) -> bool:
        """Whether there is such a value."""
        self._asked.add(name)
        return self._values.get(name) is not None

    def text(self, name: str, default: str | None = None, longest: int = TEXT_LIMIT) -> str:
        """A text that says something; required without a default."""
        value = self._take(name, default)
        if isinstance(value, str) and (value == default or 0 < len(value.strip()) <= longest):
            return value
        self._wrong(name, f"must be a text of 1 to {longest} characters")
        return ""

    def checked(self, name: str, holds: Callable[[str], bool], wanted: str) -> str:
        """A required text for which `holds`."""
        value = self._take(name, None)
        if isinstance(value, str) and holds(value):
            return value
        self._wrong(name, f"must be {wanted}")
        return ""

    def id(self, name: str) -> str:
        """A required UUID."""
        return self.checked(name, is_id, "a UUID in lower case")

    def slug(self, name: str) -> str:
        """A required slug."""
        return self.checked(name, is_slug, "a-z, 0-9 and single dashes, at most 60 characters")

    def number(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number from `least` to `most`; required without a default."""
        if default is None and not self.has(name):
            self.mistake(name, "missing", f"must be a whole number from {least} to {most}")
        value = self.number_or_none(name, least, most) if self.has(name) else default
        return (least if default is None else default) if value is None else value

    def number_or_none(self, name: str, least: int, most: int) -> int | None:
        """A whole number that may be left out; None for a wrong one too."""
        value = self._take(name, None)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and least <= value <= most):
            return value
        self.mistake(name, "out_of_range", f"must be a whole number from {least} to {most}")
        return None

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self._take(name, default)
        if isinstance(value, bool):
            return value
        self._wrong(name, "must be true or false")
        return default

    def choice(self, name: str, options: type[Option], default: Option) -> Option:
        """One of the options, written as its value."""
        value = self._take(name, default)
        for option in options:
            if value == option.value:
                return option
        self.mistake(name, "not_an_option", f"must be one of {', '.join(options)}")
        return default

    def list_of(self, name: str, holds: Callable[[str], bool], wanted: str, limit: int) -> tuple[str, ...]:
        """A list of one to `limit` different texts for which `holds`."""
        value = self._take(name, None)
        listed = value if isinstance(value, list) and len(value) <= limit else []
        if listed and all(isinstance(one, str) and holds(one) for one in listed):
            return tuple(dict.fromkeys(listed))
        self._wrong(name, f"must be a list of 1 to {limit} {wanted}")
        return ()

    def names(self, name: str, limit: int) -> tuple[str, ...]:
        """A list of slugs or ids, each once, which may be left out."""
        value = self._take(name, [])
        if isinstance(value, list) and len(value) <= limit:
            names = tuple(dict.fromkeys(one for one in value if isinstance(one, str) and is_slug(one)))
            if len(names) == len(value):
                return names
        self._wrong(name, f"must be a list of at most {limit} slugs, each once")
        return ()

    def sections(self, name: str, limit: int) -> "list[Section]":
        """A list of objects, which may be left out; each is to be read and finished."""
        value = self._take(name, [])
        if isinstance(value, list) and len(value) <= limit:
            return [Section(f"{self._path}.{name}.{at}", one, self.errors) for at, one in enumerate(value)]
        self._wrong(name, f"must be a list of at most {limit} objects")
        return []

    def mapping(self, name: str) -> Mapping[str, object]:
        """An object within; empty when left out."""
        value = self._take(name, {})
        if isinstance(value, Mapping):
            return value
        self._wrong(name, "must be an object with names and values")
        return {}

    def finish(self) -> None:
        """Note every name that nobody asked for; call it last."""
        known = ", ".join(sorted(self._asked)) or "none"
        for name in sorted(str(name) for name in self._values if name not in self._asked):
            self.mistake(name, "unknown", f"there is no such setting; there are: {known}")

    def _take(self, name: str, default: object) -> object:
        self._asked.add(name)
        value = self._values.get(name)
        return default if value is None else value

    def _wrong(self, name: str, message: str) -> None:
        self.mistake(name, "malformed" if self.has(name) else "missing", message)
