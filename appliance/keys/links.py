"""Signed links to a booking, and its cancel code: what a customer holds instead of an account (BM-22)."""

import base64
import hmac

from appliance.keys.cancel_codes import cancel_code, cancel_code_digest, normalise_cancel_code
from appliance.keys.prf import mac
from appliance.keys.secrets_store import WebSecrets

_PURPOSE = b"portvakt-link-1\x00"
_CANCEL_PURPOSE = b"portvakt-cancel-1\x00"
_CONTACT_PURPOSE = b"portvakt-contact-1\x00"
_TOKEN_BYTES = 16
_CODE_COUNTER = 0


class Links:
    """Makes and checks what proves that a booking is one's own."""

    def __init__(self, secrets: WebSecrets) -> None:
        self._secrets = secrets

    def token(self, booking_id: str) -> str:
        """The token of a link to one booking, 22 characters; nobody without the site secret can make another."""
        digest = mac(self._secrets.site_secret, _PURPOSE + booking_id.encode())[:_TOKEN_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def token_holds(self, booking_id: str, presented: str) -> bool:
        """Whether a presented token is that of the booking, in constant time."""
        return hmac.compare_digest(self.token(booking_id).encode(), presented.encode(errors="surrogatepass"))

    def cancel_token(self, booking_id: str) -> str:
        """The token of a link that may cancel one booking; another one than that of the link that only shows it."""
        digest = mac(self._secrets.site_secret, _CANCEL_PURPOSE + booking_id.encode())[:_TOKEN_BYTES]
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def cancel_token_holds(self, booking_id: str, presented: str) -> bool:
        """Whether a presented token is that of the booking, in constant time."""
        return hmac.compare_digest(self.cancel_token(booking_id).encode(), presented.encode(errors="surrogatepass"))

    def contact_digest(self, reached_at: str) -> str:
        """A keyed digest of how a person is reached, under which tries may be counted without naming anybody."""
        return mac(self._secrets.lookup_key, _CONTACT_PURPOSE + reached_at.encode(errors="surrogatepass")).hex()

    def cancel_code(self, booking_id: str) -> str:
        """The cancel code of a booking, made again for the customer it belongs to."""
        return cancel_code(self._secrets.site_secret, booking_id, _CODE_COUNTER)

    def cancel_digest(self, booking_id: str) -> bytes:
        """What is stored of a booking's cancel code."""
        return cancel_code_digest(self._secrets.lookup_key, self.cancel_code(booking_id))

    def digest_of_typed(self, typed: str) -> bytes | None:
        """The digest under which a typed code would be found; None for what cannot be a code."""
        code = normalise_cancel_code(typed)
        return None if code is None else cancel_code_digest(self._secrets.lookup_key, code)
