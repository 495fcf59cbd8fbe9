"""Which clock a unit goes by."""

from appliance.config import ClockSource, UnitSettings
from appliance.foundation.clock import Clock, PretendClock, SystemClock


def clock_of(settings: UnitSettings) -> Clock:
    """The machine's clock, or the pretend one that all processes of a demo share."""
    return PretendClock(settings.data / "pretend-clock") if settings.clock is ClockSource.PRETEND else SystemClock()
