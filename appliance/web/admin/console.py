"""The shell of the staff console: every page in it goes out from here, signed in, with its rail and its notice."""

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from appliance.booking.actions.searching import current_catalogue
from appliance.foundation.i18n import LANGUAGES
from appliance.web.admin import notices
from appliance.web.admin.navigation import places
from appliance.web.admin.notices import Notice
from appliance.web.callers import session_token
from appliance.web.forms import carried
from appliance.web.pages.password import lead_to_password
from appliance.web.pages.reception import Reception, Visitor
from appliance.web.pages.showing import page
from appliance.web.problems import MustChangePassword
from appliance.web.speaking import language, own_path, remember_language
from appliance.web.unit import Unit

_NAMES = {"sv": "Svenska", "en": "English", "fr": "Français"}


class Console:
    """What a page of the console is made with. `unit` holds the capabilities, `visitor` is who is signed in."""

    def __init__(self, unit: Unit, reception: Reception) -> None:
        self.unit = unit
        self.reception = reception

    @property
    def visitor(self) -> Visitor:
        """The signed-in member of staff; the guard has let nobody else this far."""
        visitor: Visitor = g.visitor
        return visitor

    @property
    def actor(self) -> str:
        """Who acts, as journals have it."""
        return self.visitor.actor

    def page(self, template: str, /, **values: object) -> str:
        """A page of the console in the visitor's language, with what was left to be said."""
        notice = notices.left(session_token())
        g.notice_said = notice is not None
        spoken = language()
        return page(
            template,
            self.reception,
            folder="admin",
            places=places(spoken),
            visitor=self.visitor,
            facilities=self._facilities(),
            notice=notice,
            languages=[(each, _NAMES[each], _in_language(each)) for each in LANGUAGES],
            **values,
        )

    def _facilities(self) -> list[tuple[str, str, bool]]:
        """The consoles of all facilities behind this address, where there are several: name, address, whether here."""
        portal = self.unit.portal
        if not portal.has_several:
            return []
        named = [(each, current_catalogue(each.desk).facility.name) for each in portal.storefronts]
        return [(name, f"{each.path}/admin/", each.path == self.unit.path) for each, name in named]

    def done(self, address: str, words: str, *, is_trouble: bool = False) -> Response:
        """Lead on to `address`, where `words` are said once."""
        answer = make_response(redirect(address, 303))
        secure = self.unit.public_url.startswith("https:")
        notices.leave(answer, session_token(), Notice(words, is_trouble), secure=secure)
        return answer

    def confirmation(self, heading: str, sentence: str, button: str, back: str) -> str:
        """Ask once more before something that cannot be taken back; the same form comes again, `is_confirmed`."""
        values = {"heading": heading, "sentence": sentence, "button": button, "back": back, "carried": carried()}
        return self.page("confirm.html", **values)

    def guard(self, blueprint: Blueprint) -> None:
        """Let only staff to the pages of `blueprint`; who is a stranger signs in first."""
        static = f"{blueprint.name}.static"

        @blueprint.before_request
        def only_staff() -> ResponseReturnValue | None:
            if request.endpoint == static:
                return None
            visitor = self.reception.visitor()
            if visitor is not None:
                g.visitor = visitor
                return None
            if request.method not in ("GET", "HEAD"):
                abort(403)
            return redirect(
                url_for("pages.sign_in", next=f"{request.script_root}{request.full_path.removesuffix('?')}"), 303
            )

        @blueprint.after_request
        def said(answer: Response) -> Response:
            if request.endpoint == static:
                return answer
            answer.headers.setdefault("Cache-Control", "no-store")
            remember_language(answer)
            if g.get("notice_said"):
                notices.forget(answer)
            return answer

        blueprint.register_error_handler(MustChangePassword, lead_to_password)


def _in_language(spoken: str) -> str:
    """This page in another language; what a form answered is not asked for again."""
    if request.method != "GET":
        return f"{url_for('admin.home')}?lang={spoken}"
    return f"{own_path()}?{urlencode({**request.args, 'lang': spoken})}"
