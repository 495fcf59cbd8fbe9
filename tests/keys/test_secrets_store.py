"""Secrets are made on first start, kept to their owner, and never silently replaced (AC-01, AC-03)."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from appliance.foundation.errors import NeedsAttention
from appliance.keys import key_files
from appliance.keys.passes import PassClaims, facility_tag, parse, sign, verify
from appliance.keys.secrets_store import (
    Side,
    WebSecrets,
    begin_pass_epoch,
    close_pass_epoch,
    load_command_key,
    load_journal_keys,
    load_pass_keys,
    open_door_secrets,
    open_journal_key,
    open_web_secrets,
)
from appliance.storage.checkpoints import key_id

PRIVATE_FILES = ("web/pin.key", "web/pass-signing-1.key", "door/command-signing.key")
SHARED_FILES = ("shared/pin-lookup.key", "shared/zone.key", "shared/pass-public-1.pub", "shared/command.pub")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "secrets"


@pytest.fixture
def made(folder: Path) -> Path:
    """The folder after both processes have started once."""
    open_web_secrets(folder)
    open_door_secrets(folder)
    return folder


def signed_pass(secrets: WebSecrets) -> str:
    claims = PassClaims("01890a5d-ac96-774b-bcce-b302099a8057", facility_tag("x"), secrets.epoch, 1_800_000_000, 90, 1)
    return sign(claims, secrets.signing_key)


def is_let_in(folder: Path, text: str) -> bool:
    parsed = parse(text)
    return parsed is not None and verify(parsed, load_pass_keys(folder)) is not None


class TestFirstStart:
    def test_every_file_is_made_for_its_owner_alone(self, made: Path) -> None:
        """AC-01: whatever the umask."""
        files = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
        assert files == sorted(PRIVATE_FILES + SHARED_FILES)
        assert {path.stat().st_mode & 0o777 for path in made.rglob("*") if path.is_file()} == {0o600}
        assert {path.stat().st_mode & 0o777 for path in (made, *made.iterdir())} == {0o700}
        assert {path.stat().st_size for path in made.rglob("*") if path.is_file()} == {32}

    def test_the_next_start_finds_the_same_secrets(self, made: Path) -> None:
        """AC-01"""
        first, second = open_web_secrets(made), open_web_secrets(made)
        assert first.site_secret == second.site_secret
        assert first.lookup_key == second.lookup_key
        assert signed_pass(first) == signed_pass(second)
        door, again = open_door_secrets(made), open_door_secrets(made)
        assert door.command_key.sign(b"x") == again.command_key.sign(b"x")

    @pytest.mark.parametrize("door_first", [True, False])
    def test_either_process_may_be_first(self, folder: Path, door_first: bool) -> None:
        """AC-01"""
        if door_first:
            assert open_door_secrets(folder).public_keys == {}
        web = open_web_secrets(folder)
        door = open_door_secrets(folder)
        assert door.lookup_key == web.lookup_key
        assert is_let_in(folder, signed_pass(web))

    def test_no_two_units_share_a_secret(self, tmp_path: Path) -> None:
        """AC-01"""
        one, other = (open_web_secrets(tmp_path / name) for name in ("one", "other"))
        assert len({one.site_secret, other.site_secret, one.lookup_key, other.lookup_key}) == 4

    def test_starts_at_the_same_moment_agree(self, folder: Path) -> None:
        """AC-01: nobody overwrites what another has just made."""
        barrier = threading.Barrier(12)
        found: list[tuple[bytes, bytes]] = []

        def start() -> None:
            barrier.wait()
            secrets = open_web_secrets(folder)
            found.append((secrets.lookup_key, secrets.signing_key.private_bytes_raw()))

        folder.parent.mkdir()
        starters = [threading.Thread(target=start) for _ in range(12)]
        for starter in starters:
            starter.start()
        for starter in starters:
            starter.join(10)
        assert len(found) == 12
        assert len(set(found)) == 1

    def test_a_start_cut_short_is_finished_by_the_next(self, folder: Path) -> None:
        """AC-03: power went after the private half of the signing key and before the public one."""
        web = open_web_secrets(folder)
        (folder / "shared/pass-public-1.pub").unlink()
        assert signed_pass(open_web_secrets(folder)) == signed_pass(web)
        assert is_let_in(folder, signed_pass(web))

    def test_the_public_half_of_the_command_key_is_for_all(self, made: Path) -> None:
        command = open_door_secrets(made).command_key.sign(b"command")
        load_command_key(made).verify(command, b"command")

    def test_without_a_door_started_there_is_no_command_key(self, folder: Path) -> None:
        open_web_secrets(folder)
        with pytest.raises(NeedsAttention, match="Start the door process"):
            load_command_key(folder)


class TestDamage:
    @pytest.mark.parametrize("name", PRIVATE_FILES + SHARED_FILES)
    @pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33, b"x" * 100_000], ids=len)
    def test_a_file_of_another_length_stops_the_start(self, made: Path, name: str, content: bytes) -> None:
        """AC-01"""
        (made / name).write_bytes(content)
        with pytest.raises(NeedsAttention, match="exactly 32 bytes"):
            start_both(made)

    @pytest.mark.parametrize("name", PRIVATE_FILES)
    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o777])
    def test_a_private_file_open_to_others_stops_the_start(self, made: Path, name: str, mode: int) -> None:
        """AC-01"""
        (made / name).chmod(mode)
        with pytest.raises(NeedsAttention, match=r"Run: chmod 0[67]00"):
            start_both(made)

    @pytest.mark.parametrize(("name", "mode"), [("web", 0o750), ("door", 0o701), ("shared", 0o755), (".", 0o777)])
    def test_a_folder_open_to_others_stops_the_start(self, made: Path, name: str, mode: int) -> None:
        """AC-01"""
        (made / name).chmod(mode)
        with pytest.raises(NeedsAttention, match="Run: chmod"):
            start_both(made)

    def test_a_group_may_be_let_into_what_is_shared(self, made: Path) -> None:
        """AC-01: web and door as two users of one group."""
        for name in SHARED_FILES:
            (made / name).chmod(0o640)
        made.chmod(0o750)
        (made / "shared").chmod(0o750)
        start_both(made)
        (made / "shared/pin-lookup.key").chmod(0o660)
        with pytest.raises(NeedsAttention, match="chmod 0640"):
            start_both(made)

    def test_the_text_says_how_to_mend_it_and_it_does(self, made: Path) -> None:
        """AC-01"""
        path = made / "web/pin.key"
        path.chmod(0o644)
        with pytest.raises(NeedsAttention) as caught:
            start_both(made)
        command = str(caught.value).split("Run: ")[1].split(". If")[0]
        subprocess.run(["sh", "-c", command], check=True, timeout=10)
        start_both(made)

    @pytest.mark.parametrize("name", ["web/pin.key", "shared/pin-lookup.key"])
    def test_a_lost_secret_is_not_quietly_replaced(self, made: Path, name: str) -> None:
        """AC-01: a new one would turn away everybody who holds a PIN."""
        (made / name).unlink()
        with pytest.raises(NeedsAttention, match="Restore it from a backup"):
            open_web_secrets(made)
        assert not (made / name).exists()

    def test_a_door_without_the_lookup_key_asks_for_it(self, made: Path) -> None:
        """AC-01"""
        (made / "shared/pin-lookup.key").unlink()
        with pytest.raises(NeedsAttention, match="Restore it from a backup"):
            open_door_secrets(made)

    @pytest.mark.parametrize("name", ["shared/pass-public-1.pub", "shared/command.pub"])
    def test_a_public_key_that_fits_no_private_one_stops_the_start(self, made: Path, name: str) -> None:
        """AC-03"""
        (made / name).write_bytes(bytes(32))
        with pytest.raises(NeedsAttention, match="does not belong to"):
            start_both(made)

    def test_a_link_instead_of_a_file_is_not_followed(self, made: Path, tmp_path: Path) -> None:
        """AC-01"""
        elsewhere = tmp_path / "elsewhere"
        (made / "web/pin.key").rename(elsewhere)
        (made / "web/pin.key").symlink_to(elsewhere)
        with pytest.raises(NeedsAttention, match="cannot be read"):
            open_web_secrets(made)

    def test_a_pipe_instead_of_a_file_blocks_nobody(self, made: Path) -> None:
        """AC-01"""
        (made / "web/pin.key").unlink()
        os.mkfifo(made / "web/pin.key", 0o600)
        with pytest.raises(NeedsAttention, match="not a plain file"):
            open_web_secrets(made)

    def test_a_file_instead_of_a_folder_is_said(self, folder: Path) -> None:
        folder.parent.mkdir()
        folder.write_text("x")
        with pytest.raises(NeedsAttention, match="not a folder"):
            open_web_secrets(folder)

    def test_nothing_is_ever_overwritten(self, tmp_path: Path) -> None:
        """AC-01"""
        path = tmp_path / "a.key"
        assert key_files.create(path, b"a" * 32)
        assert not key_files.create(path, b"b" * 32)
        assert path.read_bytes() == b"a" * 32
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.key"]


class TestSeparation:
    def test_the_door_needs_nothing_of_the_web_process(self, made: Path) -> None:
        """AC-01: broken, open and missing files of the web process do not concern it."""
        for path in (made / "web").iterdir():
            path.write_bytes(b"broken")
            path.chmod(0o777)
        (made / "web").chmod(0o777)
        open_door_secrets(made)

    @pytest.mark.parametrize(("process", "reads_web"), [("door", False), ("web", True)])
    def test_the_door_opens_no_file_of_the_web_process(self, made: Path, process: str, reads_web: bool) -> None:
        """AC-01: seen from outside, by every file that the interpreter opens; the web process is the control."""
        watcher = (
            "import sys, pathlib\n"
            "seen = []\n"
            f"from appliance.keys.secrets_store import open_{process}_secrets\n"
            "sys.addaudithook(lambda event, args: event in ('open', 'os.listdir', 'os.scandir')"
            " and seen.append(str(args[0])))\n"
            f"open_{process}_secrets(pathlib.Path(sys.argv[1]))\n"
            "sys.stdout.write('\\n'.join(seen))\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", watcher, str(made)], capture_output=True, text=True, check=True, timeout=30
        )
        assert any(str(made / "shared") in path for path in run.stdout.splitlines())
        assert any(str(made / "web") in path for path in run.stdout.splitlines()) is reads_web

    def test_no_secret_shows_itself_in_logs(self, made: Path) -> None:
        """AC-01"""
        web, door = open_web_secrets(made), open_door_secrets(made)
        shown = repr(web) + repr(door) + str(web) + str(door)
        for secret in (web.site_secret, web.lookup_key):
            assert repr(secret) not in shown
            assert secret.hex() not in shown


class TestEpochs:
    def test_keys_overlap_while_they_rotate(self, made: Path) -> None:
        """AC-03: passes sold yesterday open today; those of a closed epoch do not."""
        older = signed_pass(open_web_secrets(made))
        assert begin_pass_epoch(made) == 2
        current = open_web_secrets(made)
        assert current.epoch == 2
        newer = signed_pass(current)
        assert newer != older
        assert is_let_in(made, older)
        assert is_let_in(made, newer)

        close_pass_epoch(made, 1)
        assert not is_let_in(made, older)
        assert is_let_in(made, newer)
        assert set(open_door_secrets(made).public_keys) == {2}

    def test_the_older_private_key_is_destroyed(self, made: Path) -> None:
        """AC-03: who steals the unit cannot sign in the name of an older epoch."""
        begin_pass_epoch(made)
        assert [path.name for path in (made / "web").glob("pass-signing-*")] == ["pass-signing-2.key"]

    def test_the_site_secret_outlives_the_rotation(self, made: Path) -> None:
        """AC-01: PINs do not change with the key of the passes."""
        before = open_web_secrets(made).site_secret
        begin_pass_epoch(made)
        assert open_web_secrets(made).site_secret == before

    def test_the_current_epoch_cannot_be_closed(self, made: Path) -> None:
        """AC-03"""
        with pytest.raises(ValueError, match="current one"):
            close_pass_epoch(made, 1)
        close_pass_epoch(made, 77)
        assert set(load_pass_keys(made)) == {1}


SIDES: tuple[Side, ...] = ("web", "door")


class TestJournalKeys:
    def test_each_process_signs_with_a_key_of_its_own_that_it_keeps(self, made: Path) -> None:
        """AC-20: a folder from before gets them at the next start; either public half is for both to read."""
        raw = [open_journal_key(made, side).private_bytes_raw() for side in SIDES]
        assert raw == [open_journal_key(made, side).private_bytes_raw() for side in SIDES]
        assert len(set(raw)) == 2
        assert [(made / side / "journal-signing.key").read_bytes() for side in SIDES] == raw
        assert {path.stat().st_mode & 0o777 for path in made.rglob("journal-*")} == {0o600}
        assert len(list(made.rglob("journal-*"))) == 4
        start_both(made)

    def test_the_public_halves_of_one_process_are_no_good_for_the_other(self, made: Path) -> None:
        """AC-20: who holds the door's key cannot sign bookings, nor the reverse."""
        keys = {side: open_journal_key(made, side) for side in SIDES}
        for side in SIDES:
            (public,) = load_journal_keys(made, side).values()
            assert public == keys[side].public_key()

    def test_a_key_that_was_changed_leaves_its_public_half(self, made: Path) -> None:
        """AC-20: what it signed can be checked for as long as there are journals."""
        older = open_journal_key(made, "door")
        (made / "door/journal-signing.key").unlink()
        newer = open_journal_key(made, "door")
        known = load_journal_keys(made, "door")
        assert {key.public_bytes_raw() for key in known.values()} == {
            key.public_key().public_bytes_raw() for key in (older, newer)
        }
        assert all(key_id(key) == name for name, key in known.items())

    def test_before_a_first_start_there_is_none(self, made: Path) -> None:
        """AC-20"""
        assert load_journal_keys(made, "web") == {}

    def test_a_public_half_of_another_key_is_found(self, made: Path) -> None:
        """AC-20: its name is that of its content."""
        open_journal_key(made, "door")
        (path,) = (made / "shared").glob("journal-door-*.pub")
        path.write_bytes(bytes(32))
        with pytest.raises(NeedsAttention, match="does not belong to"):
            open_journal_key(made, "door")


def start_both(folder: Path) -> None:
    open_web_secrets(folder)
    open_door_secrets(folder)
