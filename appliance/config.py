"""What a unit must know before it can start, as values; `config_file` reads them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from appliance.foundation.errors import NeedsAttention

USUAL_IDENTIFIABLE_DAYS = 30


class ClockSource(StrEnum):
    """Where the time comes from."""

    SYSTEM = "system"
    PRETEND = "pretend"  # a world without real doors, whose time can be moved


class GpioPins(StrEnum):
    """Which pins strikes and contacts hang on."""

    NATIVE = "native"  # those of this computer
    WIRE = "wire"  # those of an emulator process


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """The site's own MQTT broker."""

    host: str
    port: int
    user: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the pages and the API listen. `live_port` serves the event stream; 0 lets the system choose."""

    host: str
    port: int
    live_port: int
    threads: int
    public_url: str


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """How long door records are kept, in days, why they may name a person, and whether they must all be kept."""

    identifiable_days: int = USUAL_IDENTIFIABLE_DAYS
    kept_days: int = 365
    purpose: str = ""
    legal_hold: bool = False


class MailSecurity(StrEnum):
    """How a line to a mail server is kept from other ears."""

    TLS = "tls"  # from the first byte, usually port 465
    STARTTLS = "starttls"  # from the first exchange on, usually port 587
    NONE = "none"  # for a server on this machine


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The server that takes our mail, and the address that it comes from."""

    host: str
    sender: str
    port: int = 587
    security: MailSecurity = MailSecurity.STARTTLS
    user: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """The service that takes our SMS: its base address, who they come from, and how we sign in there."""

    sender: str
    user: str
    password_file: Path
    url: str = "https://api.46elks.com"


@dataclass(frozen=True, slots=True)
class FurtherFacility:
    """A further facility of the same organisation that this unit serves: its id and its slug (DY-58)."""

    id: str
    slug: str


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """What a unit must know before it can open its own files.

    further: facilities that it serves beside its own. home_id: in the settings of one of these, which `at` answers, the
    id of the unit's own.
    """

    data: Path
    run: Path
    facility_id: str
    facility_slug: str
    clock: ClockSource
    web: WebSettings
    broker: BrokerSettings | None
    gpio_pins: GpioPins
    wire_socket: Path | None
    records: RecordSettings = RecordSettings()
    mail: MailSettings | None = None
    sms: SmsSettings | None = None
    further: tuple[FurtherFacility, ...] = ()
    home_id: str | None = None

    def at(self, slug: str) -> "UnitSettings":
        """The settings of one of its facilities; NeedsAttention when there is none of that slug.

        Each has doors, their process and its files of its own. Bookings, secrets and the clock are shared.
        """
        if slug == self.facility_slug:
            return self
        found = next((each for each in self.further if each.slug == slug), None)
        if found is None:
            known = ", ".join((self.facility_slug, *(each.slug for each in self.further)))
            raise NeedsAttention(f"this unit serves no facility called {slug}; it serves {known}")
        return replace(
            self,
            facility_id=found.id,
            facility_slug=slug,
            run=self.run / slug,
            web=replace(self.web, public_url=f"{self.web.public_url}{facility_path(slug)}", live_port=0),
            home_id=self.facility_id,
        )

    @property
    def all_facilities(self) -> tuple["UnitSettings", ...]:
        """The settings of each of its facilities: its own first."""
        return (self, *(self.at(each.slug) for each in self.further))

    @property
    def door_name(self) -> str:
        """What the door process of this facility is called among the processes of the unit."""
        return "door" if self.home_id is None else f"door-{self.facility_slug}"

    @property
    def door_data(self) -> Path:
        """Folder of what the door process writes."""
        return self.data if self.home_id is None else self.data / "facilities" / self.facility_slug

    @property
    def booking_file(self) -> Path:
        return self.data / "booking.db"

    @property
    def access_file(self) -> Path:
        return self.door_data / "access.db"

    @property
    def secrets(self) -> Path:
        return self.data / "secrets"

    @property
    def pid_folder(self) -> Path:
        return self.door_data / "run"

    @property
    def present_socket(self) -> Path:
        return self.run / "present.sock"

    @property
    def control_socket(self) -> Path:
        return self.run / "control.sock"


def facility_path(slug: str) -> str:
    """Where the pages of a further facility begin, below those of the unit."""
    return f"/f/{slug}"
