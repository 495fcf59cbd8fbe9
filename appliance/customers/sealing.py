"""Personal values in the journal stand only under a key of their person: to erase the person is to delete the key.

AES-256-GCM with a fresh 96-bit nonce (NIST SP 800-38D), bound to the customer's id; the mark in front is the version.
"""

import base64
import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appliance.foundation.errors import NeedsAttention

KEY_BYTES = 32
_NONCE_BYTES = 12
_MARK = "s1."


def fresh_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, customer_id: str, values: Mapping[str, str | None]) -> str:
    """`values` as text that only `key` opens and that belongs to `customer_id` alone."""
    nonce = os.urandom(_NONCE_BYTES)
    plain = json.dumps(values, sort_keys=True, ensure_ascii=False).encode()
    return _MARK + base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, customer_id.encode())).decode()


def unseal(key: bytes, customer_id: str, sealed: str) -> dict[str, str | None]:
    """What `seal` sealed. NeedsAttention when key, owner or text do not belong together."""
    try:
        raw = base64.b64decode(sealed.removeprefix(_MARK), validate=True)
        plain = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], customer_id.encode())
    except (InvalidTag, ValueError) as fault:
        message = f"the sealed values of customer {customer_id} do not open: the journal was altered"
        raise NeedsAttention(message) from fault
    values: dict[str, str | None] = json.loads(plain)
    return values
