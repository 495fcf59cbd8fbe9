"""Who finds each service, how far ahead, and whom it lets book; the facility speaks for those that do not (BM-05)."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions import owned
from appliance.booking.services import Service
from appliance.booking.visibility import Admission, Visibility
from appliance.foundation.errors import Invalid
from appliance.foundation.i18n import marked, text
from appliance.storage.versioned import ChangedMeanwhile, Edited
from appliance.web.admin.asks import Ask, AskKind, body_of, value_in
from appliance.web.admin.choices import named, or_none, words
from appliance.web.admin.console import Console
from appliance.web.admin.sheets import by_ask, changed_said, changed_told, judged, shown
from appliance.web.api.places import ADMISSIONS
from appliance.web.forms import Filled
from appliance.web.problems import NotFound
from appliance.web.speaking import language
from appliance.web.unit import catalogue_now

FINDS: Final = {
    "public": marked("Everybody"),
    "link": marked("Who has its link"),
    "members": marked("Members who are signed in"),
    "staff": marked("Staff alone"),
}
BOOKS: Final = {
    "open": marked("Everybody"),
    "register_only": marked("Customers in the register"),
    "entitled_only": marked("Who holds a card or subscription for it"),
}
LEADS: Final = {
    "booking": marked("To booking"),
    "sign_up": marked("To signing up"),
    "contact": marked("To how one gets in touch"),
}
_AS_FACILITY: Final = marked("as the facility says")
_ALL: Final = marked("all")
_VISIBILITY: Final = Ask("visibility", marked("Who finds it"), AskKind.CHOICE, options=words(FINDS), first="public")
_BOOKS: Final = Ask(
    "who_may_book",
    marked("Who may book"),
    AskKind.CHOICE,
    marked("Whoever is not let in hears the same, known or not. Staff may book for anybody, on record."),
    or_none(words(BOOKS), _AS_FACILITY),
)
_DAYS: Final = Ask(
    "visible_days",
    marked("Days that customers see"),
    AskKind.NUMBER,
    marked("Today is the first. Empty: as the facility says, and there all."),
)
_LEADS: Final = Ask("leads_to", marked("Where a free time leads"), AskKind.CHOICE, options=words(LEADS))
OF_SERVICE: Final = (_VISIBILITY, _BOOKS, _DAYS, _LEADS)
OF_FACILITY: Final = (_BOOKS, _DAYS)


class AdmissionsOfConsole:
    """`/admin/setup/admissions` and one page for the facility and each service."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._unit = console.unit

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/setup/admissions", "admissions", self.every)
        blueprint.add_url_rule("/setup/admissions/<owner>", "admission", self.one)
        blueprint.add_url_rule("/setup/admissions/<owner>", "admission_change", self.change, methods=["POST"])

    def every(self) -> ResponseReturnValue:
        catalogue = catalogue_now()
        place = catalogue.facility
        rows = [
            _row(place.id, place.name, place.admission),
            *(_row(e.id, e.name, e.admission) for e in catalogue.services),
        ]
        # Nobody looks for the facility as such: it has no visibility of its own.
        rows[0]["finds"] = "–"
        return self._console.page("admissions.html", rows=rows)

    def one(self, owner: str) -> ResponseReturnValue:
        self._name(owner)
        found = owned.shown(self._unit.desk, ADMISSIONS.kind, owner, ADMISSIONS.before)
        return self._form(owner, ADMISSIONS.shape(found.value), {}, str(found.version), found)

    def change(self, owner: str) -> ResponseReturnValue:
        name, version = self._name(owner), request.form.get("version", "")
        asks = self._asks(owner)
        body = body_of(asks, request.form, self._unit.desk.scope.zone)
        seen = int(version) if version.isdecimal() and len(version) < 10 else 0
        try:
            value = ADMISSIONS.read(owner, judged(ADMISSIONS.body(), {**body, "version": seen}))
            owned.save(
                self._unit.desk,
                ADMISSIONS.kind,
                owner,
                value,
                seen,
                self._console.actor,
                ADMISSIONS.before,
                ADMISSIONS.clear,
            )
        except Invalid as fault:
            return self._form(owner, body, by_ask(asks, fault.errors), version), 422
        except ChangedMeanwhile as meanwhile:
            return self._form(owner, body, {"": [changed_told(self._unit, meanwhile.now)]}, version), 409
        words_ = text(language(), "{name}: it is saved and in force.", name=name)
        return self._console.done(url_for("admin.admissions"), words_)

    def _form(
        self,
        owner: str,
        body: Mapping[str, Any],
        wrong: Mapping[str, list[str]],
        version: str,
        found: Edited[Admission] | None = None,
    ) -> str:
        return self._console.page(
            "admission.html",
            name=self._name(owner),
            asked=[shown(ask, ask.name, value_in(body, ask.name), self._console) for ask in self._asks(owner)],
            form=Filled({}, {}, wrong),
            version=version,
            link=self._link(owner),
            changed=changed_said(self._unit, found) if found and found.changed_at else "",
        )

    def _link(self, owner: str) -> str:
        """The address under which whoever has it finds a service that others do not."""
        service = self._service(owner)
        if service is None or service.admission.visibility is not Visibility.LINK:
            return ""
        return f"{self._unit.public_url}/book?service={service.slug}&link={self._unit.links.token(service.id)}"

    def _asks(self, owner: str) -> tuple[Ask, ...]:
        return OF_FACILITY if owner == catalogue_now().facility.id else OF_SERVICE

    def _name(self, owner: str) -> str:
        """What the owner is called; NotFound for anything but the facility and its services."""
        place, service = catalogue_now().facility, self._service(owner)
        if owner == place.id:
            return place.name
        if service is None:
            raise NotFound
        return service.name

    def _service(self, owner: str) -> Service | None:
        return next((each for each in catalogue_now().services if each.id == owner), None)


def _row(owner: str, name: str, admission: Admission) -> dict[str, object]:
    books = named(or_none(words(BOOKS), _AS_FACILITY), admission.who_may_book or "")
    is_facility = owner == catalogue_now().facility.id
    if is_facility and admission.who_may_book is None:
        books = text(language(), BOOKS["open"])
    days = text(language(), _ALL if is_facility else _AS_FACILITY)
    return {
        "id": owner,
        "name": name,
        "finds": named(words(FINDS), admission.visibility),
        "books": books,
        "days": days if admission.visible_days is None else str(admission.visible_days),
    }
