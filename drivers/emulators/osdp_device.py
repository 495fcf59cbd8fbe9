"""An OSDP reader as a machine: what comes over the bus goes in, what it answers comes out. No I/O, no clock.

Without a key it is as it came from its maker: it answers with the default key. With one it speaks to nobody who has not
got it, but for its identity and capabilities. With `plain` it knows no secure channel at all. What was typed or held up
waits here until the panel asks.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from drivers.emulators.osdp_frames import EVERYBODY, Frame, closed, has_mac, head, split
from drivers.emulators.osdp_session import DEFAULT_KEY, Session

POLL, ID, CAP, LED, BUZZER, KEYSET, CHALLENGE, CRYPTOGRAM = 0x60, 0x61, 0x62, 0x69, 0x6A, 0x75, 0x76, 0x77
ACK, NAK, PDID, PDCAP, RAW, KEYPAD, CCRYPT, RMAC = 0x40, 0x41, 0x45, 0x46, 0x50, 0x53, 0x76, 0x78
SCS_11, SCS_12, SCS_13, SCS_14, SCS_16, SCS_18 = 0x11, 0x12, 0x13, 0x14, 0x16, 0x18
UNKNOWN_COMMAND, WRONG_SEQUENCE, UNSECURED = 0x03, 0x04, 0x06
WAITING: Final = 32
KEYS: Final = {"*": 0x7F, "#": 0x0D, **{digit: ord(digit) for digit in "0123456789"}}
_OPEN: Final = (ID, CAP, CHALLENGE, CRYPTOGRAM)
_CUID: Final = bytes.fromhex("50564b54454d5531")
_IDENTITY: Final = _CUID[:3] + bytes([1, 1]) + _CUID[4:] + bytes([1, 0, 0])
# Function code, compliance, number of items: card data, lamp, buzzer, CRC, AES-128, 256 bytes of buffer.
_CAPABILITIES: Final = bytes([3, 1, 0, 4, 4, 1, 5, 2, 1, 8, 1, 0, 9, 1, 1, 10, 0, 1])
_SECURITY_AT: Final = 13


@dataclass(slots=True)
class OsdpDevice:
    """One reader on a bus. key: its own, None as it came from its maker. install: takes the default key once more.

    happened: told of lamp, buzzer and a new key, as `(what, data)`; the data of a key is empty.
    """

    address: int
    key: bytes | None = field(repr=False)
    happened: Callable[[str, bytes], None]
    random: Callable[[int], bytes]
    plain: bool = False
    install: bool = False
    secure: bool = False
    _buffer: bytes = b""
    _waiting: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=WAITING), repr=False)
    _session: Session | None = None
    _sequence: int = 0
    _last: tuple[bytes, bytes] = (b"", b"")

    def typed(self, keys: str) -> None:
        """Keys are pressed, each of them one of `KEYS`."""
        for key in keys:
            self._waiting.append((KEYPAD, bytes([0, 1, KEYS[key]])))

    def card(self, length: int, bits: int) -> None:
        """A card is held up; its bits go left-aligned."""
        size = (length + 7) // 8
        data = (bits << size * 8 - length).to_bytes(size, "big")
        self._waiting.append((RAW, bytes([0, 1, length & 0xFF, length >> 8]) + data))

    def power_cut(self) -> None:
        """All but the key is forgotten."""
        self._buffer, self._session, self.secure, self._sequence, self._last = b"", None, False, 0, (b"", b"")
        self._waiting.clear()

    def heard(self, data: bytes) -> list[bytes]:
        """The replies to what came."""
        frames, self._buffer = split(self._buffer + data)
        mine = [frame for frame in frames if frame.address in (self.address, EVERYBODY)]
        return [reply for frame in mine if (reply := self._answer(frame))]

    def _answer(self, frame: Frame) -> bytes:
        asked = frame.signed + frame.mac
        if frame.sequence == 0:
            self._session, self.secure = None, False
        elif asked == self._last[0]:
            # The panel did not hear us: it is told the same once more.
            return self._last[1]
        self._sequence = frame.sequence
        reply = self._reply(frame)
        self._last = (asked, reply)
        return reply

    def _reply(self, frame: Frame) -> bytes:
        if not has_mac(frame.security):
            if frame.id == CHALLENGE:
                # A channel may be begun anew at any time, as after a new key.
                self._session, self.secure = None, False
            if self.secure or not (self.plain or frame.id in _OPEN):
                return self._refuse(UNSECURED)
            return self._handshake(frame) if frame.security else self._plain_reply(*self._act(frame.id, frame.data))
        data = self._opened(frame)
        if data is None or self._session is None:
            self._session, self.secure = None, False
            return self._refuse(UNSECURED)
        return self._secured_reply(self._session, *self._act(frame.id, data))

    def _opened(self, frame: Frame) -> bytes | None:
        session = self._session
        if session is None or not self.secure:
            return None
        before = session.r_mac
        if not session.command_holds(frame.signed, frame.mac):
            return None
        return session.decrypted(frame.data, before) if frame.data else b""

    def _handshake(self, frame: Frame) -> bytes:
        wants_own = frame.security[1:2] != b"\x00"
        if self.plain:
            return self._refuse(UNKNOWN_COMMAND)
        if frame.id == CHALLENGE and frame.security[0] == SCS_11 and len(frame.data) == 8:
            # A panel that asks for the default key is given it by a reader being installed; all others use their own.
            own = None if self.install and not wants_own else self.key
            session = self._session = Session(own or DEFAULT_KEY, frame.data, self.random(8))
            body = _CUID + session.reader_random + session.reader_cryptogram
            return self._plain_reply(CCRYPT, body, bytes([SCS_12, 1 if own else 0]))
        if frame.id == CRYPTOGRAM and frame.security[0] == SCS_13 and self._session is not None:
            self.secure = self._session.begin(frame.data)
            return self._plain_reply(
                RMAC, self._session.r_mac or bytes(16), bytes([SCS_14, 1 if self.secure else 0xFF])
            )
        return self._refuse(UNSECURED)

    def _act(self, command: int, data: bytes) -> tuple[int, bytes]:
        match command:
            case 0x60:
                return self._waiting.popleft() if self._waiting else (ACK, b"")
            case 0x61:
                return PDID, _IDENTITY
            case 0x62:
                return PDCAP, _without_security(_CAPABILITIES) if self.plain else _CAPABILITIES
            case 0x69 | 0x6A if data:
                self.happened("lamp" if command == LED else "buzzer", data)
                return ACK, b""
            case 0x75 if self.secure and data[:2] == b"\x01\x10" and len(data) == 18:
                self.key, self.install = data[2:], False
                self.happened("key", b"")
                return ACK, b""
        return NAK, bytes([UNKNOWN_COMMAND])

    def _refuse(self, why: int) -> bytes:
        return self._plain_reply(NAK, bytes([why]))

    def _plain_reply(self, reply: int, data: bytes, security: bytes = b"") -> bytes:
        body = bytes([reply]) + data
        return closed(head(self.address, self._sequence, security, len(body) + 2) + body)

    def _secured_reply(self, session: Session, reply: int, data: bytes) -> bytes:
        security = bytes([SCS_18 if data else SCS_16])
        body = bytes([reply]) + (session.encrypted(data) if data else b"")
        signed = head(self.address, self._sequence, security, len(body) + 6) + body
        return closed(signed + session.reply_mac(signed))


def _without_security(capabilities: bytes) -> bytes:
    return capabilities[:_SECURITY_AT] + b"\x00\x00" + capabilities[_SECURITY_AT + 2 :]
