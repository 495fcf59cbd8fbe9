"""Checkpoints: entries of a journal that sign all of it before them, so that nobody without the key writes it anew.

The hash chain alone finds who alters a part; who can write the file could hash all of it afresh. A checkpoint names the
head directly before it and signs it (AC-20). It is an entry like any other, so that readers need not know of it.

    entity `checkpoint`, verb `signed`, after = {"file", "seq", "hash", "at", "key", "signature"}
    signature  Ed25519 (RFC 8032), in hex, over "portvakt-checkpoint-1", a zero byte, and the other members as
               canonical JSON; `key` is the `key_id` of the public half, `at` in UTC seconds, `hash` in hex
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.foundation.documents import Section
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import MINUTE, Instant
from appliance.foundation.signatures import signature_holds
from appliance.storage.chain import Change, Head, canonical

ENTITY: Final = "checkpoint"
VERB: Final = "signed"
EVERY_S: Final = 15 * MINUTE
EVERY_ENTRIES: Final = 1_000
_DOMAIN: Final = b"portvakt-checkpoint-1\x00"
_LAST_SEQ: Final = (1 << 63) - 1  # what SQLite holds
_LAST_INSTANT: Final = 253_402_300_799  # the end of the year 9999, the last one that can be written

PublicKeys: TypeAlias = Mapping[str, Ed25519PublicKey]
"""Public halves by their `key_id`."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head under a signature. at: when it was signed, in UTC seconds. key: the `key_id` of the public half."""

    head: Head
    at: Instant
    key: str
    signature: bytes

    def body(self) -> dict[str, object]:
        """The one form it has, in the journal and outside."""
        return {**_signed_part(self.head, self.at, self.key), "signature": self.signature.hex()}

    def holds(self, keys: PublicKeys) -> bool:
        """Whether it was signed with one of `keys`."""
        public_key = keys.get(self.key)
        message = _message(self.head, self.at, self.key)
        return public_key is not None and signature_holds(public_key, message, self.signature)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint that was kept outside the unit, with the public keys that were good then."""

    checkpoint: Checkpoint
    keys: PublicKeys


class Pace:
    """When a process signs its journal next: once there is something new, and 15 minutes or 1,000 entries have passed.

    Counted from the process's start at `seq`, since what an earlier one left behind may be signed or not. Seconds are
    monotonic: a clock that is put right is no reason to sign.
    """

    def __init__(self, seq: int, monotonic: float) -> None:
        self._seq = seq
        self._since = monotonic
        self._is_known = False

    def is_due(self, seq: int, monotonic: float) -> bool:
        """Whether a journal that now ends at `seq` should be looked at."""
        if self._is_known and seq == self._seq:
            return False
        return seq - self._seq >= EVERY_ENTRIES or monotonic - self._since >= EVERY_S

    def looked(self, seq: int, monotonic: float) -> None:
        """The journal was signed, or was found signed, or could not be: `seq` is its end now."""
        self._seq, self._since, self._is_known = seq, monotonic, True


def sign(head: Head, at: Instant, key: Ed25519PrivateKey) -> Checkpoint:
    """Sign where a chain ends; the same head, instant and key always give the same checkpoint."""
    name = key_id(key.public_key())
    return Checkpoint(head, at, name, key.sign(_message(head, at, name)))


def change(checkpoint: Checkpoint, actor: str) -> Change:
    """What goes into the journal directly behind the head that was signed."""
    return Change(actor, ENTITY, checkpoint.head.file_id, VERB, after=checkpoint.body())


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a public key: the first 8 bytes of its SHA-256, in hex. It says which to try, and proves nothing."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def parse(values: object, path: str = ENTITY) -> Checkpoint:
    """Read the body of a checkpoint strictly; its signature is not checked. Invalid with every mistake in it."""
    section = Section(path, values)
    file_id = section.id("file")
    seq = section.number("seq", 1, _LAST_SEQ)
    digest = section.checked("hash", _is_hex(32), "64 hex digits")
    at = section.number("at", 0, _LAST_INSTANT)
    name = section.checked("key", _is_hex(8), "16 hex digits")
    signature = section.checked("signature", _is_hex(64), "128 hex digits")
    section.finish()
    if section.errors:
        raise Invalid(*section.errors)
    return Checkpoint(Head(file_id, seq, bytes.fromhex(digest)), at, name, bytes.fromhex(signature))


def anchor_form(checkpoint: Checkpoint | None, keys: PublicKeys) -> dict[str, object]:
    """An anchor as plain values; without a checkpoint it holds nothing to compare with."""
    public = sorted(key.public_bytes_raw().hex() for key in keys.values())
    return {"head": checkpoint.body() if checkpoint else None, "keys": public}


def parse_anchor(values: object, path: str) -> Anchor:
    """Read what `anchor_form` made, among other members that it may have. Invalid unless its own signature holds."""
    form: Mapping[str, object] = values if isinstance(values, Mapping) else {}
    if form.get("head") is None:
        raise Invalid(FieldError(f"{path}.head", "missing", "there is no signed head to compare with"))
    public = form.get("keys")
    if not isinstance(public, list) or not all(isinstance(key, str) and _is_hex(32)(key) for key in public):
        raise Invalid(FieldError(f"{path}.keys", "malformed", "must be a list of public keys of 64 hex digits each"))
    found = [Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)) for key in public]
    anchor = Anchor(parse(form["head"], f"{path}.head"), {key_id(key): key for key in found})
    if not anchor.checkpoint.holds(anchor.keys):
        raise Invalid(FieldError(f"{path}.head.signature", "bad_signature", "was not made with any of its keys"))
    return anchor


def _signed_part(head: Head, at: Instant, key: str) -> dict[str, object]:
    return {"file": head.file_id, "seq": head.seq, "hash": head.hash.hex(), "at": at, "key": key}


def _message(head: Head, at: Instant, key: str) -> bytes:
    return _DOMAIN + (canonical(_signed_part(head, at, key)) or "").encode()


def _is_hex(size: int) -> Callable[[str], bool]:
    """Whether a text is the one spelling of `size` bytes in hex."""
    return lambda text: re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text) is not None
