"""Secrets as files of their own, made on first start and readable by their owner alone (AC-01, AC-03).

    DATA/secrets/web/     pin.key, pass-signing-EPOCH.key, journal-signing.key  the web process alone
    DATA/secrets/door/    command-signing.key, journal-signing.key              the door process alone
    DATA/secrets/shared/  pin-lookup.key, zone.key, pass-public-EPOCH.pub,      both: a group may be let in (0750, 0640)
                          command.pub,
                          journal-web-KEY.pub, journal-door-KEY.pub

Every file is raw: 32 bytes of randomness, of an Ed25519 private key or of an Ed25519 public key (RFC 8032). Anything
short, long, open to others or missing among its fellows stops the start with a text that says what to do. The door's
half looks into `door` and `shared` only.

The zone secret came with a later version, so that one that is missing is made; phones fetch their codes anew then.

Each process has a key of its own for its journal. Nobody is turned away when that one is lost: it is made anew, and the
public halves of the older ones stay, under the `key_id` that checkpoints name them by.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.foundation.errors import NeedsAttention
from appliance.keys import key_files
from appliance.storage.checkpoints import PublicKeys, key_id

Side: TypeAlias = Literal["web", "door"]
"""Which process: the web process signs the journal of `booking.db`, the door process that of `access.db`."""

FIRST_EPOCH: Final = 1
_SIGNING: Final = re.compile(r"pass-signing-([1-9][0-9]{0,4})\.key")
_PUBLIC: Final = re.compile(r"pass-public-([1-9][0-9]{0,4})\.pub")


@dataclass(frozen=True, slots=True)
class WebSecrets:
    """What the web process holds: it makes PINs and passes. `epoch` is the number of `signing_key` in every pass."""

    site_secret: bytes = field(repr=False)
    lookup_key: bytes = field(repr=False)
    zone_secret: bytes = field(repr=False)
    signing_key: Ed25519PrivateKey = field(repr=False)
    epoch: int


@dataclass(frozen=True, slots=True)
class DoorSecrets:
    """What the door process holds: it checks PINs and passes, makes neither, and signs commands to MQTT locks."""

    lookup_key: bytes = field(repr=False)
    zone_secret: bytes = field(repr=False)
    public_keys: Mapping[int, Ed25519PublicKey]
    command_key: Ed25519PrivateKey = field(repr=False)


def open_web_secrets(folder: Path) -> WebSecrets:
    """The secrets of the web process under `folder` (DATA/secrets), with those made that a first start lacks."""
    lookup_key = _open_lookup_key(folder, made_later=folder / "web" / "pin.key")
    web = folder / "web"
    _make_place(web, key_files.FORBIDDEN_PRIVATE)
    epochs = _epochs(web, _SIGNING)
    _refuse_loss(web / "pin.key", bool(epochs))
    key_files.create(web / "pin.key", os.urandom(key_files.KEY_BYTES))
    epoch = max(epochs, default=FIRST_EPOCH)
    return WebSecrets(
        site_secret=key_files.read(web / "pin.key", key_files.FORBIDDEN_PRIVATE),
        lookup_key=lookup_key,
        zone_secret=_open_zone_secret(folder),
        signing_key=_open_pair(_signing_file(folder, epoch), _public_file(folder, epoch)),
        epoch=epoch,
    )


def open_door_secrets(folder: Path) -> DoorSecrets:
    """The secrets of the door process under `folder` (DATA/secrets), with those made that a first start lacks.

    Before the web process has started for the first time there is no public key: no pass can have been sold.
    """
    private = folder / "door" / "command-signing.key"
    lookup_key = _open_lookup_key(folder, made_later=private)
    _make_place(private.parent, key_files.FORBIDDEN_PRIVATE)
    command_key = _open_pair(private, folder / "shared" / "command.pub")
    return DoorSecrets(lookup_key, _open_zone_secret(folder), load_pass_keys(folder), command_key)


def load_pass_keys(folder: Path) -> dict[int, Ed25519PublicKey]:
    """The public keys of all open epochs, by epoch. Read again to learn of epochs begun or closed since."""
    shared = folder / "shared"
    key_files.check_folder(shared, key_files.FORBIDDEN_SHARED)
    return {epoch: _read_public(_public_file(folder, epoch)) for epoch in sorted(_epochs(shared, _PUBLIC))}


def load_command_key(folder: Path) -> Ed25519PublicKey:
    """The public half of the key that signs commands to MQTT locks, for whoever must check them."""
    path = folder / "shared" / "command.pub"
    try:
        return _read_public(path)
    except FileNotFoundError as missing:
        raise NeedsAttention(f"{path} is missing. Start the door process once: it makes the file.") from missing


def begin_pass_epoch(folder: Path) -> int:
    """Sign with a new key from the next `open_web_secrets` on; passes of older epochs stay good until closed.

    The older private keys are destroyed: to verify needs only the public ones.
    """
    older = _epochs(folder / "web", _SIGNING)
    epoch = max(older, default=FIRST_EPOCH - 1) + 1
    _open_pair(_signing_file(folder, epoch), _public_file(folder, epoch))
    for number in older:
        key_files.remove(_signing_file(folder, number))
    return epoch


def close_pass_epoch(folder: Path, epoch: int) -> None:
    """Let no pass of an older epoch in any more, once the doors have read the keys again. The current one must stay."""
    if epoch == max(_epochs(folder / "web", _SIGNING), default=None):
        raise ValueError(f"epoch {epoch} is the current one: begin another before closing it")
    key_files.remove(_public_file(folder, epoch))


def open_journal_key(folder: Path, side: Side) -> Ed25519PrivateKey:
    """The key that one process signs its journal with, under `folder` (DATA/secrets); made when there is none.

    Call it once the other secrets are open. To change the key, delete the private file while the process is stopped.
    """
    _make_place(folder / side, key_files.FORBIDDEN_PRIVATE)
    private_file = folder / side / "journal-signing.key"
    name = key_id(_open_private(private_file).public_key())
    return _open_pair(private_file, folder / "shared" / f"journal-{side}-{name}.pub")


def load_journal_keys(folder: Path, side: Side) -> PublicKeys:
    """The public halves of all keys that one process ever signed its journal with, by their `key_id`."""
    shared = folder / "shared"
    key_files.check_folder(shared, key_files.FORBIDDEN_SHARED)
    found = [_read_public(path) for path in sorted(shared.glob(f"journal-{side}-*.pub"))]
    return {key_id(key): key for key in found}


def _open_lookup_key(folder: Path, made_later: Path) -> bytes:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _make_place(folder, key_files.FORBIDDEN_SHARED)
    shared = folder / "shared"
    _make_place(shared, key_files.FORBIDDEN_SHARED)
    # Either process may be the first to start: the lookup key is made before anything else of either.
    _refuse_loss(shared / "pin-lookup.key", made_later.exists())
    key_files.create(shared / "pin-lookup.key", os.urandom(key_files.KEY_BYTES))
    return key_files.read(shared / "pin-lookup.key", key_files.FORBIDDEN_SHARED)


def _open_zone_secret(folder: Path) -> bytes:
    path = folder / "shared" / "zone.key"
    key_files.create(path, os.urandom(key_files.KEY_BYTES))
    return key_files.read(path, key_files.FORBIDDEN_SHARED)


def _refuse_loss(path: Path, others_are_there: bool) -> None:
    """A first start makes files in a fixed order, so that one missing before its fellows was lost, not never made."""
    if others_are_there and not path.exists():
        raise NeedsAttention(
            f"{path} is missing although later secrets are there. Restore it from a backup. A new one would turn away "
            f"everyone who already has a PIN: if that is what you want, move the whole folder of secrets away."
        )


def _open_pair(private_file: Path, public_file: Path) -> Ed25519PrivateKey:
    key = _open_private(private_file)
    public = key.public_key().public_bytes_raw()
    key_files.create(public_file, public)
    if key_files.read(public_file, key_files.FORBIDDEN_PUBLIC) != public:
        raise NeedsAttention(f"{public_file} does not belong to {private_file}. Delete it: the next start makes it.")
    return key


def _open_private(path: Path) -> Ed25519PrivateKey:
    key_files.create(path, os.urandom(key_files.KEY_BYTES))
    return Ed25519PrivateKey.from_private_bytes(key_files.read(path, key_files.FORBIDDEN_PRIVATE))


def _read_public(path: Path) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key_files.read(path, key_files.FORBIDDEN_PUBLIC))


def _epochs(folder: Path, name: re.Pattern[str]) -> set[int]:
    matches = (name.fullmatch(entry.name) for entry in folder.iterdir())
    return {int(match[1]) for match in matches if match}


def _make_place(folder: Path, forbidden: int) -> None:
    key_files.make_folder(folder)
    key_files.check_folder(folder, forbidden)


def _signing_file(folder: Path, epoch: int) -> Path:
    return folder / "web" / f"pass-signing-{epoch}.key"


def _public_file(folder: Path, epoch: int) -> Path:
    return folder / "shared" / f"pass-public-{epoch}.pub"
