"""The secure channel of OSDP v2, from the reader's side. Pure but for the random number it is given.

    session keys  AES-ECB(SCBK, constant || first 6 bytes of the panel's random number || zeros)
    cryptograms   AES-ECB(S-ENC, one random number || the other)
    first R-MAC   AES-ECB(S-MAC2, AES-ECB(S-MAC1, panel's cryptogram))
    MAC           AES-CBC over all blocks but the last with S-MAC1, over the last with S-MAC2; 4 of its bytes are sent
    data          AES-CBC with S-ENC, padded with 0x80 and zeros; IV is the other side's last MAC, inverted

Public facts: SIA OSDP v2.2 annex D as documented by libosdp ("Secure Channel"), with the vectors of Annex E.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

BLOCK: Final = 16
DEFAULT_KEY: Final = bytes(range(0x30, 0x40))
"""SCBK-D, which everybody knows: good for nothing but being replaced."""
_ENC: Final = b"\x01\x82"
_MAC1: Final = b"\x01\x01"
_MAC2: Final = b"\x01\x02"


def _encrypted(key: bytes, mode: CBC | ECB, data: bytes) -> bytes:
    encryptor = Cipher(AES(key), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _inverted(data: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in data)


def padded(data: bytes) -> bytes:
    """The data with 0x80 and as many zeros as fill its last block."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK)


@dataclass(slots=True)
class Session:
    """One channel between being challenged and being lost. c_mac, r_mac: the last MAC of panel and reader, whole."""

    key: bytes = field(repr=False)
    panel_random: bytes
    reader_random: bytes
    c_mac: bytes = b""
    r_mac: bytes = b""

    def _derived(self, constant: bytes) -> bytes:
        seed = constant + self.panel_random[:6] + bytes(8)
        return _encrypted(self.key, ECB(), seed)  # noqa: S305 - the standard's own key derivation

    @property
    def s_enc(self) -> bytes:
        return self._derived(_ENC)

    @property
    def s_mac1(self) -> bytes:
        return self._derived(_MAC1)

    @property
    def s_mac2(self) -> bytes:
        return self._derived(_MAC2)

    @property
    def reader_cryptogram(self) -> bytes:
        return _encrypted(self.s_enc, ECB(), self.panel_random + self.reader_random)  # noqa: S305

    @property
    def panel_cryptogram(self) -> bytes:
        return _encrypted(self.s_enc, ECB(), self.reader_random + self.panel_random)  # noqa: S305

    def begin(self, cryptogram: bytes) -> bool:
        """Whether the panel has the key too; if so the channel is up and `r_mac` is what to answer."""
        if not hmac.compare_digest(cryptogram, self.panel_cryptogram):
            return False
        once = _encrypted(self.s_mac1, ECB(), cryptogram)  # noqa: S305
        self.r_mac = _encrypted(self.s_mac2, ECB(), once)  # noqa: S305
        return True

    def mac(self, iv: bytes, signed: bytes) -> bytes:
        """The whole MAC of a frame; only the last block is padded, and only when it is not full."""
        blocks = signed if len(signed) % BLOCK == 0 else padded(signed)
        if len(blocks) > BLOCK:
            iv = _encrypted(self.s_mac1, CBC(iv), blocks[:-BLOCK])[-BLOCK:]
        return _encrypted(self.s_mac2, CBC(iv), blocks[-BLOCK:])

    def command_holds(self, signed: bytes, mac: bytes) -> bool:
        """Whether a command comes from the panel of this channel, and next in order."""
        whole = self.mac(self.r_mac, signed)
        if not hmac.compare_digest(whole[:4], mac):
            return False
        self.c_mac = whole
        return True

    def reply_mac(self, signed: bytes) -> bytes:
        """The four bytes that go out with a reply."""
        self.r_mac = self.mac(self.c_mac, signed)
        return self.r_mac[:4]

    def decrypted(self, data: bytes, r_mac: bytes) -> bytes | None:
        """A command's data; None when it is no such thing. r_mac: that of the reply before the command."""
        if not data or len(data) % BLOCK:
            return None
        decryptor = Cipher(AES(self.s_enc), CBC(_inverted(r_mac))).decryptor()
        plain = (decryptor.update(data) + decryptor.finalize()).rstrip(b"\x00")
        return plain[:-1] if plain.endswith(b"\x80") else None

    def encrypted(self, data: bytes) -> bytes:
        """A reply's data."""
        return _encrypted(self.s_enc, CBC(_inverted(self.c_mac)), padded(data))
