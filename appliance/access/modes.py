"""How a door is run: what staff and its schedule have asked for, and which of it prevails (AC-12)."""

from dataclasses import dataclass, replace

from appliance.access.snapshot import Mode


@dataclass(frozen=True, slots=True)
class ModeWishes:
    """What is asked of one door. Emergency prevails over lockdown, and lockdown over free access.

    stretch: the stretch of its schedule for which it stands free; empty when it does not. skipped: one that staff have
    ended before its time.
    """

    free_access: bool = False
    lockdown: bool = False
    emergency: bool = False
    stretch: str = ""
    skipped: str = ""

    @property
    def effective(self) -> Mode:
        """The mode that prevails."""
        if self.emergency:
            return Mode.EMERGENCY
        if self.lockdown:
            return Mode.LOCKDOWN
        return Mode.FREE_ACCESS if self.free_access or self.stretch else Mode.NORMAL

    def asked(self, mode: Mode, on: bool) -> "ModeWishes":
        """The wishes after one more; `normal` ends all the others."""
        match mode:
            case Mode.FREE_ACCESS:
                return replace(self, free_access=on) if on else self._skipping()
            case Mode.LOCKDOWN:
                return replace(self, lockdown=on)
            case Mode.EMERGENCY:
                return replace(self, emergency=on)
            case Mode.NORMAL:
                return ModeWishes(skipped=self.stretch or self.skipped) if on else self

    def in_stretch(self, stretch: str) -> "ModeWishes":
        """The wishes when the schedule has come to a stretch, or to the end of one (empty)."""
        return replace(self, stretch=stretch)

    def _skipping(self) -> "ModeWishes":
        return replace(self, free_access=False, stretch="", skipped=self.stretch or self.skipped)


def is_held(mode: Mode) -> bool:
    """Whether a door in this mode stands released for everybody."""
    return mode in (Mode.FREE_ACCESS, Mode.EMERGENCY)
