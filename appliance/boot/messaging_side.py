"""The messaging side put together: channels from the configuration, addresses of the pages, and who sends."""

from pathlib import Path
from urllib.parse import quote

from appliance.booking.catalogue_store import find_facility
from appliance.booking.set_up_store import scope_of
from appliance.boot.booking_side import BookingSide
from appliance.config import MailSettings, SmsSettings, UnitSettings
from appliance.foundation.clock import Clock
from appliance.foundation.errors import NeedsAttention
from appliance.identity.profile_store import profiles
from appliance.keys.links import Links
from appliance.messaging.actions.recapping import Recaps
from appliance.messaging.actions.sending import Channels, Post
from appliance.messaging.channels.contract import Channel
from appliance.messaging.channels.email import EmailChannel, MailServer
from appliance.messaging.channels.sms import SmsChannel, SmsService
from appliance.messaging.facts import Addresses
from appliance.messaging.recap import Employee
from appliance.messaging.templates import Way
from appliance.storage.unit_of_work import Transaction


def post_of(settings: UnitSettings, side: BookingSide) -> Post:
    """Everything by which messages leave; a channel that is not configured is not there."""
    return Post(
        side.book,
        side.scope,
        side.clock,
        side.desk.catalogues,
        side.issuing.show_each,
        addresses_of(settings.web.public_url, side.links),
        channels_of(settings, side.clock),
        recaps_of(settings, side) if settings.home_id is None else None,
    )


def recaps_of(settings: UnitSettings, side: BookingSide) -> Recaps:
    """How the employees of all facilities are told of their day, by the unit's own."""
    further = [scope_of(find_facility(side.book, each.id)) for each in settings.further]
    ways = {way for way, there in ((Way.EMAIL, settings.mail), (Way.SMS, settings.sms)) if there is not None}
    return Recaps(side.book, (side.scope, *further), _employees, ways)


def _employees(tx: Transaction) -> list[Employee]:
    return [Employee(each, who.name, who.email, who.language) for each, who in profiles(tx).items()]


def addresses_of(public_url: str, links: Links) -> Addresses:
    """Where the links of messages lead. Each carries what proves whose it is; none changes anything by being opened."""
    return Addresses(
        page=lambda booking_id: f"{public_url}/k/{booking_id}?sig={links.token(booking_id)}",
        cancel=lambda booking_id: f"{public_url}/k/{booking_id}/cancel?sig={links.cancel_token(booking_id)}",
        offer=lambda entry_id: f"{public_url}/w/{entry_id}?sig={links.token(entry_id)}",
        console=lambda booking_id: f"{public_url}/admin/bookings/{quote(booking_id)}",
    )


def channels_of(settings: UnitSettings, clock: Clock) -> Channels:
    """The channels that are configured; NeedsAttention when a password cannot be read."""
    made: list[Channel] = []
    if settings.mail is not None:
        made.append(EmailChannel(_mail_server(settings.mail), clock))
    if settings.sms is not None:
        made.append(SmsChannel(_sms_service(settings.sms)))
    return {each.way: each for each in made}


def _mail_server(mail: MailSettings) -> MailServer:
    password = _password(mail.password_file) if mail.password_file is not None else ""
    return MailServer(mail.host, mail.port, str(mail.security), mail.sender, user=mail.user or "", password=password)


def _sms_service(sms: SmsSettings) -> SmsService:
    return SmsService(sms.url, sms.sender, sms.user, _password(sms.password_file))


def _password(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise NeedsAttention(
            f"cannot read {path}: {fault.strerror}; put the password there, for this user alone"
        ) from fault
