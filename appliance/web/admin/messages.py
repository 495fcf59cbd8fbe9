"""Messages in the console: settings, the words of each with a preview beside them, a test, and the log (DY-62)."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import editing
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import LANGUAGES, marked, text
from appliance.foundation.wording import LANGUAGE_NAMES
from appliance.messaging import message_store, template_store
from appliance.messaging.actions import settling
from appliance.messaging.events import OF_CUSTOMERS, Event
from appliance.messaging.message_store import Message
from appliance.messaging.placeholders import ALL, OF_THE_CLIENT, fitting
from appliance.messaging.templates import Audience, MessageTemplate, Slot, Way, is_told, template_for
from appliance.storage.versioned import ChangedMeanwhile, Edited
from appliance.web.admin.asks import Ask, AskKind, Section, body_of, value_in
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment
from appliance.web.admin.sheets import by_ask, changed_told, judged, shown
from appliance.web.api import message_schemas, messages
from appliance.web.forms import Filled, is_confirmed
from appliance.web.message_words import AUDIENCE_WORDS, EVENT_WORDS, STATE_WORDS, WAY_WORDS
from appliance.web.problems import NotFound
from appliance.web.speaking import language
from appliance.web.unit import Unit

_LATEST: Final = 100
_GIVEN_UP: Final = marked("Given up")
_THE_LATEST: Final = marked("The latest")
_OUTCOMES: Final[Mapping[str, str]] = {
    "accepted": marked("It was sent."),
    "put_off": marked("It was not taken now; it may be later ({fault})."),
    "turned_down": marked("It was refused for good ({fault})."),
    "away": marked("The channel does not work now ({fault})."),
    "off": marked("The channel is off: it is not in the configuration."),
}


def _events() -> list[tuple[str, str]]:
    return [(str(each), text(language(), EVENT_WORDS[each])) for each in OF_CUSTOMERS]


_SETTINGS: Final = (
    Ask("staff_email", marked("E-mail address of staff"), help=marked("Where staff are told of bookings.")),
    Ask("staff_phone", marked("Telephone number of staff"), help=marked("The same by SMS.")),
    Ask("reminder_hours", marked("Remind so many hours before"), AskKind.NUMBER, marked("0 reminds nobody.")),
    Ask(
        "language",
        marked("Language of staff"),
        AskKind.CHOICE,
        marked("And of customers whose own is not known."),
        lambda: [(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
    ),
    Ask("also_by_sms", marked("By SMS beside e-mail"), AskKind.MANY, options=_events),
    Ask("silent", marked("Customers are not told of"), AskKind.MANY, options=_events),
    Ask("told_to_staff", marked("Staff are told of"), AskKind.MANY, options=_events),
)
# Of the unit's own facility, which has the staff.
_RECAP: Final = (
    Ask(
        "recap_minute",
        marked("Employees are told of the next day at"),
        AskKind.CLOCK,
        marked("A time such as 18:00; empty for never. Each is told at the e-mail address of their own profile."),
    ),
    Ask("recap_when_empty", marked("Also tell those who have nothing then"), AskKind.TICK),
)


class MessagesOfConsole:
    """`/admin/messages`, its settings, and a page for the words of each message."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit
        self._desk = console.unit.desk
        self._asks = _SETTINGS if console.unit.path else (*_SETTINGS, *_RECAP)

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/messages", "messages", self.overview)
        blueprint.add_url_rule("/messages/settings", "message_settings", self.settings)
        blueprint.add_url_rule("/messages/settings", "message_settings_change", self.change, methods=["POST"])
        blueprint.add_url_rule("/messages/words/<event>", "message_words", self.words)
        blueprint.add_url_rule("/messages/words/<event>", "message_words_change", self.act, methods=["POST"])

    def overview(self) -> ResponseReturnValue:
        with self._desk.book.read(self._desk.scope) as tx:
            chosen, latest = template_store.chosen(tx), message_store.latest(tx, _LATEST)
            given_up = message_store.latest(tx, _LATEST, message_store.GIVEN_UP)
        own = {(slot.event, slot.audience, slot.way) for slot in chosen}
        kinds = [(audience, way) for audience in Audience for way in Way]
        return self._console.page(
            "messages.html",
            channels=[(text(language(), WAY_WORDS[way]), way in self._unit.channels) for way in Way],
            kinds=[self._kind(*kind) for kind in kinds],
            events=[
                (
                    str(event),
                    text(language(), EVENT_WORDS[event]),
                    [(*kind, (event, *kind) in own, is_told(event, *kind)) for kind in kinds],
                )
                for event in Event
            ],
            logs=[
                (heading, [logged(each, self._unit) for each in some])
                for heading, some in ((_GIVEN_UP, given_up), (_THE_LATEST, latest))
                if some
            ],
        )

    def settings(self) -> ResponseReturnValue:
        found = settling.settings_of(self._desk)
        return self._settings_form(message_schemas.settings_shape(found.value), {}, str(found.version))

    def change(self) -> ResponseReturnValue:
        version = request.form.get("version", "")
        body = body_of(self._asks, request.form, self._desk.scope.zone)
        if not self._unit.path:
            body.setdefault("recap_minute", None)
        sent = {**body, "version": int(version) if version.isdecimal() and len(version) < 10 else -1}
        try:
            read = judged(message_schemas.SettingsSchema(), sent)
            made = message_schemas.settings_of(read)
            settling.change_settings(self._desk, made, read["version"], self._console.actor)
        except Invalid as fault:
            return self._settings_form(body, by_ask(self._asks, fault.errors), version), 422
        except ChangedMeanwhile as meanwhile:
            return self._settings_form(body, {"": [changed_told(self._unit, meanwhile.now)]}, version), 409
        return self._console.done(url_for("admin.messages"), text(language(), "It is saved and in force."))

    def words(self, event: str) -> ResponseReturnValue:
        slot = _slot(event, request.args)
        found = self._own(slot)
        with self._desk.book.read(self._desk.scope) as tx:
            template = template_for(template_store.chosen(tx), slot)
        return self._words_form(slot, found, {"subject": template.subject, "body": template.body}, {})

    def act(self, event: str) -> ResponseReturnValue:
        """Save the words, look at them, try them, or go back to the usual ones."""
        slot, act = _slot(event, request.form), request.form.get("act", "save")
        found = self._own(slot)
        if act == "usual":
            return self._back_to_usual(slot, found)
        typed = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in ("subject", "body", "to")}
        body = {**_address(slot), **{name: typed[name] for name in ("subject", "body")}}
        try:
            if act == "try":
                sent = judged(message_schemas.TrySchema(), {**body, "to": typed["to"]})
                outcome, fault = messages.tried(self._unit, sent)
                told = text(language(), _OUTCOMES[outcome], fault=fault)
                return self._words_form(slot, found, typed, {}, told=told)
            value = message_schemas.template_of(judged(message_schemas.TemplateSchema(), body))
            if act == "preview":
                messages.previewed(self._unit, body)
                return self._words_form(slot, found, typed, {})
            self._save(found, value)
        except Invalid as fault:
            wrong: dict[str, list[str]] = {}
            for error in fault.errors:
                name = error.field if error.field in ("subject", "body", "to") else ""
                wrong.setdefault(name, []).append(error.told(language()))
            return self._words_form(slot, found, typed, wrong), 422
        except ChangedMeanwhile as meanwhile:
            return self._words_form(slot, found, typed, {"": [changed_told(self._unit, meanwhile.now)]}), 409
        return self._console.done(_at(slot), text(language(), "It is saved and in force."))

    def _save(self, found: Edited[MessageTemplate] | None, value: MessageTemplate) -> None:
        edited, actor = messages.TEMPLATES, self._console.actor
        if found is None:
            editing.add(self._desk, edited.kind, edited.rules, value, actor)
        else:
            editing.change(self._desk, edited.kind, edited.rules, found.id, value, _version(), actor)

    def _back_to_usual(self, slot: Slot, found: Edited[MessageTemplate] | None) -> ResponseReturnValue:
        if found is None:
            return self._console.done(_at(slot), text(language(), "The usual words are in force."))
        if not is_confirmed():
            said = text(language(), "Your own words of this message are taken away.")
            button = text(language(), "Take the usual words")
            return self._console.confirmation(text(language(), EVENT_WORDS[slot.event]), said, button, _at(slot))
        edited = messages.TEMPLATES
        try:
            editing.remove(self._desk, edited.kind, edited.rules, found.id, _version(), self._console.actor)
        except ChangedMeanwhile as meanwhile:
            return self._console.done(_at(slot), changed_told(self._unit, meanwhile.now), is_trouble=True)
        return self._console.done(_at(slot), text(language(), "The usual words are in force."))

    def _words_form(
        self,
        slot: Slot,
        found: Edited[MessageTemplate] | None,
        typed: Mapping[str, str],
        wrong: Mapping[str, list[str]],
        *,
        told: str = "",
    ) -> str:
        words = {} if wrong else {"subject": typed["subject"], "body": typed["body"]}
        return self._console.page(
            "message_words.html",
            slot=_address(slot),
            heading=text(language(), EVENT_WORDS[slot.event]),
            kind=self._kind(slot.audience, slot.way),
            is_letter=slot.way is Way.EMAIL,
            tongues=[(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
            own=found,
            version=request.form.get("version", "") or (found.version if found else ""),
            typed=typed,
            form=Filled({}, {name: value for name, value in typed.items() if name != "to"}, wrong),
            told=told,
            preview=None if wrong else messages.previewed(self._unit, {**_address(slot), **words}),
            placeholders=[
                (name, text(language(), about))
                for name, about in ALL.items()
                if name in fitting(slot.event) and (slot.audience is Audience.CLIENT or name not in OF_THE_CLIENT)
            ],
        )

    def _settings_form(self, body: Mapping[str, Any], wrong: Mapping[str, list[str]], version: str) -> str:
        parts = [shown(ask, ask.name, value_in(body, ask.name), self._console) for ask in self._asks]
        return self._console.page(
            "message_settings.html",
            sections=[(Section("", self._asks), parts)],
            form=Filled({}, {}, wrong),
            version=version,
        )

    def _own(self, slot: Slot) -> Edited[MessageTemplate] | None:
        every = editing.listed(self._desk, template_store.TEMPLATES, archived=False)
        return next((each for each in every if each.value.slot == slot), None)

    def _kind(self, audience: Audience, way: Way) -> str:
        return f"{text(language(), AUDIENCE_WORDS[audience])}, {text(language(), WAY_WORDS[way])}"


def logged(message: Message, unit: Unit) -> dict[str, str]:
    """A message as a line of a log."""
    spoken, zone = language(), unit.desk.scope.zone
    return {
        "at": moment(message.done_at or message.at, zone),
        "what": text(spoken, EVENT_WORDS[message.event]),
        "who": text(spoken, AUDIENCE_WORDS[message.audience]),
        "way": text(spoken, WAY_WORDS[message.way]),
        "state": text(spoken, STATE_WORDS[message.state]),
        "fault": message.fault,
    }


def _slot(event: str, said: Mapping[str, str]) -> Slot:
    audience, way = said.get("audience", Audience.CLIENT), said.get("channel", Way.EMAIL)
    tongue = said.get("language", language())
    if event not in set(Event) or audience not in set(Audience) or way not in set(Way) or tongue not in LANGUAGES:
        raise NotFound
    if not is_told(Event(event), Audience(audience), Way(way)):
        raise NotFound
    return Slot(Event(event), Audience(audience), Way(way), tongue)


def _address(slot: Slot) -> dict[str, str]:
    return {
        "event": str(slot.event),
        "audience": str(slot.audience),
        "channel": str(slot.way),
        "language": slot.language,
    }


def _at(slot: Slot) -> str:
    return url_for(
        "admin.message_words",
        event=slot.event,
        audience=slot.audience,
        channel=slot.way,
        language=slot.language,
    )


def _version() -> int:
    version = request.form.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0
