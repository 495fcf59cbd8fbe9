"""The language of an answer: the caller's where it is one of ours (RFC 9110 section 12.5.4)."""

from flask import request

from appliance.foundation.i18n import LANGUAGES, best_language


def language() -> str:
    """The language asked for in the address (`lang`), else the one that the caller's browser or program prefers."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in LANGUAGES else best_language(request.headers.get("Accept-Language"))
