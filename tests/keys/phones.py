"""A phone with a key pair, as its browser's WebCrypto would use it."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.keys.mobile_keys import signed_message, spelled


@dataclass(frozen=True)
class Phone:
    """Its private key never leaves it."""

    private_key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        """As `exportKey("raw")` gives it."""
        if isinstance(self.private_key, Ed25519PrivateKey):
            return self.private_key.public_key().public_bytes_raw()
        return self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def answer(self, challenge: bytes, door_id: str, key_id: str) -> str:
        """The text of its answer to a challenge."""
        signature = self._signed(signed_message(challenge, door_id, key_id))
        return f"PM1.{spelled(challenge)}.{key_id}.{spelled(signature)}"

    def _signed(self, message: bytes) -> bytes:
        if isinstance(self.private_key, Ed25519PrivateKey):
            return self.private_key.sign(message)
        r, s = decode_dss_signature(self.private_key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)
