"""Cancel codes: what a customer types to cancel without signing in, such as `K7QF-29ZM-4TXR` (BM-22).

A code is worth 60 bits, comes from the booking and the site secret like a PIN, and opens no door: no PIN is that
long. Stored is only its keyed digest, which is also how the booking is found.
"""

import hmac
from typing import Final

from appliance.foundation import crockford
from appliance.keys.prf import booking_number, mac

CHARACTERS: Final = 12


def cancel_code(site_secret: bytes, booking_id: str, counter: int) -> str:
    """The code of a booking; a fresh `counter` makes a fresh code."""
    return crockford.encoded(booking_number(site_secret, b"portvakt-cancel-1", booking_id, counter), CHARACTERS)


def normalise_cancel_code(typed: str) -> str | None:
    """The one spelling of a typed code, whatever its case, spaces and dashes; None when it cannot be one."""
    return crockford.normalised(typed, CHARACTERS)


def cancel_code_digest(lookup_key: bytes, code: str) -> bytes:
    """The 32 bytes under which a code in its one spelling is stored."""
    return mac(lookup_key, b"portvakt-cancel-lookup-1\x00" + code.encode())


def cancel_code_matches(lookup_key: bytes, typed: str, digest: bytes) -> bool:
    """Whether `typed` is the code behind `digest`, in constant time for anything that can be a code."""
    code = normalise_cancel_code(typed)
    return code is not None and hmac.compare_digest(cancel_code_digest(lookup_key, code), digest)
