"""Faults: exceptions whose class says what the one who meets them must do. Refusals are values, in `refusals`.

PortvaktError
├── Retryable        the line is down or the database busy: try again, with back-off
├── NeedsAttention   a person must act; the text says what to do
├── Invalid          the input must be mended; carries every field error at once
└── Bug              none of the above: our own mistake
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as part

from appliance.foundation.i18n import text, translations


class PortvaktError(Exception):
    """Root of every fault that Portvakt raises on purpose."""


class Retryable(PortvaktError):
    """It may work in a moment without anyone doing anything."""


class NeedsAttention(PortvaktError):
    """It will not work until a person has done what the text says."""


class Bug(PortvaktError):
    """A promise inside the program was broken."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake in one field of an input. `field` is a dotted path, `code` stable, `message` plain English.

    `values` fill the placeholders of a message that has some; only then are braces in it placeholders.
    """

    field: str
    code: str
    message: str
    values: Mapping[str, object] = part(default_factory=dict, hash=False)

    def told(self, language: str) -> str:
        """The message in a language, or in English where nobody has translated it."""
        if self.values:
            return text(language, self.message, **self.values)
        return translations(language).gettext(self.message)


class Invalid(PortvaktError):
    """The input was refused whole; `errors` lists every mistake found in it."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.told('en')}" for error in errors))
        self.errors = errors
