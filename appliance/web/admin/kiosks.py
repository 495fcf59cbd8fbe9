"""Screens at which guests book and unlock: one is made a kiosk by an address that is shown once (BM-03).

Whoever opens the address is the kiosk of that name, until it is given a new address or taken away.
"""

from typing import Final

import marshmallow as ma
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from appliance.foundation.i18n import text
from appliance.identity.signing_in import issue_device_token
from appliance.identity.store import DeviceToken, device_names, drop_device_token
from appliance.web.admin.console import Console
from appliance.web.admin.moments import moment
from appliance.web.api.complaints import Asked
from appliance.web.api.fields import named
from appliance.web.forms import Filled, filled, is_confirmed
from appliance.web.kiosk_gate import PARAMETER
from appliance.web.problems import NotFound
from appliance.web.speaking import language

KIOSK: Final = "kiosk"
_LONGEST: Final = 60


class _KioskSchema(Asked):
    class Meta:
        unknown = ma.EXCLUDE

    name = named(_LONGEST)


class KiosksOfConsole:
    """`/admin/setup/kiosks`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._desk = console.unit.desk

    def register(self, blueprint: Blueprint) -> None:
        blueprint.add_url_rule("/setup/kiosks", "kiosks", self.all)
        blueprint.add_url_rule("/setup/kiosks", "kiosk_add", self.add, methods=["POST"])
        blueprint.add_url_rule("/setup/kiosks/remove", "kiosk_remove", self.remove, methods=["POST"])

    def all(self) -> ResponseReturnValue:
        return self._page(None)

    def add(self) -> ResponseReturnValue:
        """A kiosk of that name, with its address; one that is there already gets a new address."""
        form = filled(_KioskSchema())
        if form.wrong:
            return self._page(form), 422
        name = form.values["name"]
        if name in dict(self._there()) and not is_confirmed():
            said = text(language(), "“{name}” gets a new address. The old one is a kiosk no more.", name=name)
            return self._console.confirmation(name, said, text(language(), "New address"), url_for("admin.kiosks"))
        with self._desk.book.write(self._desk.scope, self._console.actor) as tx:
            token = issue_device_token(tx, DeviceToken(KIOSK, name, None))
        # The kiosk's pages are not the console's: it is reached by its address alone.
        address = f"{self._console.unit.public_url.rstrip('/')}/kiosk/?{PARAMETER}={token}"
        return self._console.page("kiosk_address.html", name=name, address=address)

    def remove(self) -> ResponseReturnValue:
        name, back = request.form.get("name", ""), url_for("admin.kiosks")
        if not is_confirmed():
            said = text(language(), "“{name}” shows nothing more until it is set up again.", name=name)
            return self._console.confirmation(name, said, text(language(), "Take it away"), back)
        with self._desk.book.write(self._desk.scope, self._console.actor) as tx:
            if not drop_device_token(tx, KIOSK, name):
                raise NotFound
        return self._console.done(back, text(language(), "“{name}” is taken away.", name=name))

    def _there(self) -> list[tuple[str, int]]:
        with self._desk.book.read(self._desk.scope) as tx:
            return device_names(tx, KIOSK)

    def _page(self, form: Filled | None) -> str:
        zone = self._console.reception.zone
        kiosks = [(name, moment(since, zone)) for name, since in self._there()]
        return self._console.page("kiosks.html", kiosks=kiosks, form=form)
