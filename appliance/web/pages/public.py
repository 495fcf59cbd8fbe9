"""What the pages for customers share: how a stranger is known, the page around, and a form that counts once."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

from flask import Response, make_response, request, url_for

from appliance.booking import idempotency_store
from appliance.booking.booking_window import Channel
from appliance.booking.idempotency_store import Request
from appliance.booking.services import Service
from appliance.booking.visibility import LeadsTo, Sight
from appliance.customers.contacts import Contact
from appliance.foundation.i18n import LANGUAGES, text
from appliance.foundation.wording import LANGUAGE_NAMES
from appliance.web.callers import Caller
from appliance.web.contacts import read_contact
from appliance.web.pages.reception import Reception
from appliance.web.pages.showing import page
from appliance.web.portal import PORTAL
from appliance.web.sight import linked
from appliance.web.speaking import language, remember_language
from appliance.web.unit import Unit, catalogue_now

# Who is signed in does not matter on these pages: staff see what a customer sees.
STRANGER: Final = Caller(Channel.PUBLIC, "public")
_LONGEST: Final = 300


class PublicFace:
    """The unit as its customers' pages see it."""

    def __init__(self, unit: Unit, reception: Reception) -> None:
        self.unit = unit
        self._reception = reception

    def sight(self) -> Sight:
        """What this request is known by: the link of a service, if it brings one."""
        return Sight(Channel.PUBLIC, linked=linked(self.unit, request.values.get("link", "")))

    def given(self) -> Mapping[str, str]:
        """The form, or what stands in the address."""
        return request.form if request.method == "POST" else request.args

    def page(self, template: str, /, **values: object) -> Response:
        """A page that nobody between may keep, in the visitor's language."""
        answer = make_response(
            page(
                template,
                self._reception,
                folder="pages",
                facility=catalogue_now().facility,
                elsewhere=PORTAL if self.unit.portal.has_several and request.endpoint != "portal.facilities" else "",
                languages=[(each, LANGUAGE_NAMES[each], _in_language(each)) for each in LANGUAGES],
                link=request.values.get("link", "")[:_LONGEST],
                once=secrets.token_urlsafe(16),
                **values,
            )
        )
        answer.headers["Cache-Control"] = "no-store"
        remember_language(answer)
        return answer

    def contact(self) -> Contact:
        """Who it is for, as the form says; Invalid with every mistake."""
        typed = {name: request.form.get(name, "").strip()[:_LONGEST] for name in ("name", "phone", "email")}
        return read_contact(typed, self.unit, prefix="")

    def same(self) -> Request | None:
        """This very form, so that it is carried out once however often it is sent."""
        token = request.form.get("once", "")[:64]
        if not token:
            return None
        parts = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()
        return idempotency_store.request(STRANGER.actor, f"page:{token}:{digest}", {}, request.path)


def _in_language(spoken: str) -> str:
    """This page in another language; what a form answered is not asked for again."""
    if request.method != "GET":
        return url_for("public.book", lang=spoken)
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    return url_for(request.endpoint or "public.book", **{**(request.view_args or {}), **kept, "lang": spoken})


def is_booked_here(service: Service) -> bool:
    """Whether a free time of it leads to booking, and not to signing up or getting in touch."""
    return service.admission.leads_to is LeadsTo.BOOKING


def lengths(service: Service | None) -> list[tuple[int, str]]:
    """How long it may last."""
    durations = service.durations if service else ()
    return [(each, text(language(), "{minutes} min", minutes=each)) for each in durations]
