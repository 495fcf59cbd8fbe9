"""Orders over MQTT that are signed and expire: the payload, one way for every kind of device (DR-03, DR-13). Pure.

A payload is a JSON object with `v`, the named values, and `sig`: base64url without padding of a signature (Ed25519, RFC
8032) over the domain and the values in their order, each on a line of its own.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Final

from appliance.foundation.errors import FieldError
from drivers.contract import Site

KEY_BYTES: Final = 32
Sign = Callable[[bytes], bytes]


def signed(domain: str, version: int, values: Mapping[str, str | int], sign: Sign) -> bytes:
    """The signed payload. ValueError for a value with a line break: it could be read as two."""
    lines = [domain, *(str(value) for value in values.values())]
    if any("\n" in line for line in lines):
        raise ValueError("a signed value has no line break")
    signature = base64.urlsafe_b64encode(sign("\n".join(lines).encode())).rstrip(b"=").decode()
    return json.dumps({"v": version, **values, "sig": signature}, separators=(",", ":")).encode()


def site_mistakes(site: Site) -> list[FieldError]:
    """What a device that is told by signed orders misses in its surroundings."""
    errors = []
    if site.broker is None:
        errors.append(FieldError("driver", "no_broker", "needs the site's MQTT broker, which is not configured"))
    if len(site.signing_key) != KEY_BYTES:
        errors.append(FieldError("driver", "no_signing_key", "needs the key that signs commands"))
    return errors
