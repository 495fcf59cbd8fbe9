"""How a licensed API writes times and cards, as a mapping file names it (DR-04). Pure.

A form must give back what it was given: a window or a card that does not survive the way there and back is refused,
because nobody could see afterwards whether the system holds it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from appliance.foundation.cards import CardBits, parse
from appliance.foundation.instants import Instant
from drivers.contract import DriverRefused

LATEST: Final = 1 << 40
LONGEST: Final = 80


class TimeForm(StrEnum):
    """How an instant is written."""

    UTC = "utc"  # 2027-01-15T08:00:00Z
    LOCAL = "local"  # 2027-01-15T09:00:00, by the wall clock of `zone`
    EPOCH_S = "epoch_s"  # seconds since 1970, a number
    EPOCH_MS = "epoch_ms"


class CardForm(StrEnum):
    """How a card is written."""

    AS_READ = "as_read"  # 26:2468ACE, bits and all of them in hexadecimal
    HEX = "hex"  # the bits alone
    DECIMAL = "decimal"  # the bits as a number


@dataclass(frozen=True, slots=True)
class Forms:
    """bits: how many every card of the system has; counts for the forms that do not say it."""

    time: TimeForm = TimeForm.UTC
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    card: CardForm = CardForm.AS_READ
    bits: int = 26

    def instant_out(self, at: Instant) -> object:
        """An instant as the system writes it; `DriverRefused` for an hour that its clocks show twice."""
        written = self._written(at)
        if self.instant_in(written) != at:
            raise DriverRefused("this time is shown twice by the system's clocks that night; move the booking an hour")
        return written

    def instant_in(self, written: object) -> Instant | None:
        """The instant that was meant; None for what is none."""
        try:
            if self.time in (TimeForm.EPOCH_S, TimeForm.EPOCH_MS):
                number = written if isinstance(written, int) and not isinstance(written, bool) else None
                at = number if number is None or self.time is TimeForm.EPOCH_S else number // 1000
            elif isinstance(written, str) and len(written) <= LONGEST:
                moment = datetime.fromisoformat(written)
                zone = self.zone if self.time is TimeForm.LOCAL else UTC
                at = int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
            else:
                at = None
        except (ValueError, OverflowError, OSError):
            return None
        return at if at is not None and 0 <= at < LATEST else None

    def card_out(self, written: str) -> object:
        """A card as the system writes it; `DriverRefused` for one that it cannot have."""
        card = parse(written)
        if card is None or (self.card is not CardForm.AS_READ and card.length != self.bits):
            raise DriverRefused(f"this card has not the {self.bits} bits that the mapping file says cards have")
        if self.card is CardForm.DECIMAL:
            return str(card.value)
        return f"{card.value:X}" if self.card is CardForm.HEX else written

    def card_in(self, written: object) -> str | None:
        """The card that was meant, as the unit writes it; None for what is none."""
        text = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST or not text.isascii():
            return None
        if self.card is CardForm.AS_READ:
            return text if parse(text) is not None else None
        try:
            value = int(text, 10 if self.card is CardForm.DECIMAL else 16)
        except ValueError:
            return None
        return str(CardBits(self.bits, value)) if value >= 0 and value >> self.bits == 0 else None

    def _written(self, at: Instant) -> object:
        if self.time is TimeForm.EPOCH_S:
            return at
        if self.time is TimeForm.EPOCH_MS:
            return at * 1000
        if self.time is TimeForm.UTC:
            return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return datetime.fromtimestamp(at, self.zone).replace(tzinfo=None).isoformat(timespec="seconds")
