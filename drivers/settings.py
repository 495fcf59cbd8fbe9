"""Reading a door's settings strictly, with every mistake collected instead of the first one raised."""

from collections.abc import Mapping

from appliance.foundation.errors import FieldError


class SettingsReader:
    """Takes typed values out of a mapping; a wrong one is noted in `errors` and read as its default."""

    def __init__(self, settings: Mapping[str, object]) -> None:
        self._settings = settings
        self._known: set[str] = set()
        self._errors: list[FieldError] = []

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int | None:
        """A whole number within [low, high]; `default` when absent. `required` is a separate question."""
        self._known.add(name)
        value = self._settings.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(name, "out_of_range", f"must be a whole number from {low} to {high}")
            return default
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        self._known.add(name)
        value = self._settings.get(name, default)
        if not isinstance(value, bool):
            self.wrong(name, "not_a_flag", "must be true or false")
            return default
        return value

    def required(self, *names: str) -> None:
        """Note each of these names that is absent."""
        for name in names:
            if self._settings.get(name) is None:
                self.wrong(name, "missing", "must be set")

    def wrong(self, name: str, code: str, message: str) -> None:
        """Note a mistake in one setting."""
        self._errors.append(FieldError(f"settings.{name}", code, message))

    def errors(self) -> list[FieldError]:
        """Every mistake found, unknown names included; ask last."""
        unknown = sorted(str(name) for name in self._settings if name not in self._known)
        known = ", ".join(sorted(self._known)) or "none"
        return [
            *self._errors,
            *(FieldError(f"settings.{name}", "unknown_setting", f"is not known; known: {known}") for name in unknown),
        ]
