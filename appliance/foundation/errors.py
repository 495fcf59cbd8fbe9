"""Faults: exceptions whose class says what the one who meets them must do. Refusals are values, in `refusals`.

PortvaktError
├── Retryable        the line is down or the database busy: try again, with back-off
├── NeedsAttention   a person must act; the text says what to do
├── Invalid          the input must be mended; carries every field error at once
└── Bug              none of the above: our own mistake
"""

from dataclasses import dataclass


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
    """One mistake in one field of an input. `field` is a dotted path, `code` stable, `message` plain English."""

    field: str
    code: str
    message: str


class Invalid(PortvaktError):
    """The input was refused whole; `errors` lists every mistake found in it."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors
