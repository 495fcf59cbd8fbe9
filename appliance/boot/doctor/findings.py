"""What the doctor finds: a fault with its place, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from appliance.foundation.i18n import text


class Severity(StrEnum):
    """How bad it is."""

    FAULT = "fault"  # something does not work, or will not after the next power cut
    WARNING = "warning"  # it works, and somebody should know


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be. `what` and `remedy` are English, with places for `values`.

    code: stable, for programs. place: the file, process or device.
    """

    code: str
    place: str
    severity: Severity
    what: str
    remedy: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def told(self, language: str) -> tuple[str, str]:
        """What is wrong and what to do, in one of the languages."""
        return text(language, self.what, **self.values), text(language, self.remedy, **self.values)


@dataclass(frozen=True, slots=True)
class Symptom:
    """A kind of finding: everything about it that is known beforehand. Its texts are marked for translation."""

    code: str
    what: str
    remedy: str
    severity: Severity = Severity.FAULT

    def at(self, place: object, **values: object) -> Finding:
        """This symptom, found at a place."""
        return Finding(self.code, str(place), self.severity, self.what, self.remedy, values)
