"""What every desk page is shown with: the language of the browser, the words in it, and where it leads on to."""

from functools import partial

from flask import current_app, render_template, url_for

from appliance.foundation.i18n import plural, text
from appliance.web.pages.reception import Reception
from appliance.web.speaking import language


def page(template: str, reception: Reception, /, *, folder: str = "pages", **values: object) -> str:
    """A page in the visitor's language; `folder` is where its face keeps its templates."""
    spoken = language()
    return render_template(
        f"{folder}/{template}",
        language=spoken,
        _=partial(text, spoken),
        plural=partial(plural, spoken),
        csrf_token=reception.csrf_token,
        **values,
    )


def own_address(wanted: str) -> str:
    """`wanted` where it is an address of our own to go on to; anything else leads to the console, or to the doors."""
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if is_ours else url_for("admin.home" if "admin.home" in current_app.view_functions else ".doors")
