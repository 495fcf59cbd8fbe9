"""Showing and trying the words of a message with a made-up booking (DY-62)."""

from dataclasses import dataclass, replace

from appliance.booking.actions.desk import Desk
from appliance.foundation.ids import Ids
from appliance.messaging import template_store
from appliance.messaging.actions.sending import Channels
from appliance.messaging.channels.contract import Away, Outcome, Outgoing
from appliance.messaging.facts import Addresses
from appliance.messaging.rendering import rendered
from appliance.messaging.sample import sample
from appliance.messaging.templates import MessageTemplate, Slot, template_for


@dataclass(frozen=True, slots=True)
class Preview:
    """A message with a sample, and the words it is made of. own: whether the facility wrote those itself."""

    outgoing: Outgoing
    template: MessageTemplate
    own: bool


def preview(desk: Desk, addresses: Addresses, slot: Slot, words: tuple[str, str] | None, message_id: str) -> Preview:
    """A message as it would be. words: subject and body that are not saved yet; None takes those in force."""
    with desk.book.read(desk.scope) as tx:
        chosen, catalogue = template_store.chosen(tx), desk.catalogues.current(tx)
        facts = sample(catalogue, slot.event, slot.language, tx.scope.zone, tx.now)
        template = MessageTemplate(slot, *words) if words is not None else template_for(chosen, slot)
        return Preview(rendered(message_id, "", template, facts, addresses, tx.now), template, slot in chosen)


def try_out(
    desk: Desk, addresses: Addresses, channels: Channels, slot: Slot, words: tuple[str, str] | None, to: str, ids: Ids
) -> Outcome:
    """Send such a message to an address at once; what became of it. Nothing of it is kept."""
    channel = channels.get(slot.way)
    if channel is None:
        return Away("off")
    shown = preview(desk, addresses, slot, words, ids.new())
    outcome = channel.send(replace(shown.outgoing, to=to))
    channel.rest()
    return outcome
