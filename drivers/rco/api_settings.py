"""The settings of an R-CARD server that is reached by its licensed API: an address, a mapping file, a secret (DR-04).

The mapping file lies beside the secrets of devices: what a vendor shows under licence is not for the site plan, whose
every version is in the journal.
"""

from typing import Final

from appliance.foundation.clock import Clock
from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError
from drivers.controller_contract import ControllerSettings
from drivers.rco.http_exchange import HttpExchange
from drivers.rco.licensed_api import LicensedApi
from drivers.rco.mapping import PLACE, ApiMapping, SignInKind, parse_mapping
from drivers.rco.templates import Templates
from drivers.transports.https_client import Address, HttpsClient, parse_address

API_SECRETS: Final = frozenset({"mapping", "secret"})


def check_api(reader: Section, controller: ControllerSettings) -> list[FieldError]:
    """Every mistake in these settings and in the mapping file; those of the reader's own go into its errors."""
    if parse_address(reader.text("base_url", None, 300)) is None:
        reader.mistake("base_url", "malformed", "must be an https address")
    mapping, errors = ApiMapping(), list[FieldError]()
    if reader.text("mapping"):
        text = controller.secrets.get("mapping", "")
        missing = FieldError(PLACE, "no_secret", "there is no such mapping file, or nothing is in it")
        mapping, errors = parse_mapping(text) if text else (mapping, [missing])
    kind = mapping.sign_in.kind
    if kind in (SignInKind.BASIC, SignInKind.TOKEN) or reader.has("user"):
        reader.text("user")
    if (kind is not SignInKind.NONE or reader.has("secret")) and reader.text("secret"):
        secret = controller.secrets.get("secret", "").strip()
        if not secret or not secret.isascii() or not secret.isprintable():
            reader.mistake("secret", "no_secret", "there is no such file, or it does not hold one line of ASCII")
    return errors


def mapping_of(controller: ControllerSettings) -> ApiMapping:
    """The mapping that was checked."""
    return parse_mapping(controller.secrets.get("mapping", ""))[0]


def exchange_with(controller: ControllerSettings, templates: Templates, clock: Clock) -> HttpExchange:
    """The way to the server that `check_api` found no mistake in."""
    mapping = mapping_of(controller)
    address = parse_address(str(controller.settings["base_url"])) or Address("", 443, "", secure=True)
    user, secret = str(controller.settings.get("user", "")), controller.secrets.get("secret", "").strip()
    api = LicensedApi(mapping, HttpsClient(address), user, secret)
    return HttpExchange(f"rco-{controller.slug}", mapping, templates, api, clock)
