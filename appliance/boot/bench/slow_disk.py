"""A slower disk: SQLite itself is made to wait a while longer in each of its fsyncs, in this process.

A layer between SQLite and the operating system ("VFS", sqlite.org/vfs.html) that is the ordinary one but for `xSync`,
which first waits and then syncs. Everything above it, ours and SQLite's, is as it always is. It is registered in the
shared library that the `sqlite3` module uses; where that is linked in statically there is no such library to reach.
"""

import ctypes
import threading
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, addressof, c_char_p, c_int, c_void_p, cast, pointer
from pathlib import Path
from typing import Any, Final

from appliance.foundation.errors import NeedsAttention

_NAME: Final = b"portvakt-slow-disk"
_OPEN: Final = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_SYNC: Final = CFUNCTYPE(c_int, c_void_p, c_int)
_OK: Final = 0
_LATEST_METHODS: Final = 3
_MAPS: Final = Path("/proc/self/maps")
# What C may still call must not be collected, and a connection may be closed long after its disk was removed.
_FOREVER: Final[list[object]] = []


class _Vfs(Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = [
        ("version", c_int), ("file_size", c_int), ("longest_path", c_int), ("next", c_void_p), ("name", c_char_p),
        ("own", c_void_p), ("open", c_void_p), ("others", c_void_p * 15),
    ]  # fmt: skip


class _Methods(Structure):
    """`sqlite3_io_methods`, version 3: four before `xSync`, thirteen after it up to `xUnfetch`."""

    _fields_ = [("version", c_int), ("before", c_void_p * 4), ("sync", c_void_p), ("after", c_void_p * 13)]


class SlowDisk:
    """Adds `added_ms` to each fsync of the files that SQLite opens between `install` and `remove`."""

    def __init__(self, added_ms: float) -> None:
        self.syncs = 0
        self._added_s = added_ms / 1000
        self._library = _library()
        ordinary = self._library.sqlite3_vfs_find(None)
        if not ordinary:
            raise NeedsAttention("SQLite has no file system layer to stand on")
        self._ordinary = cast(ordinary, POINTER(_Vfs))
        self._vfs = _Vfs.from_buffer_copy(self._ordinary.contents)
        self._vfs.name = _NAME
        self._open = _OPEN(self._opened)
        self._vfs.open = cast(self._open, c_void_p)
        self._really_open = _OPEN(self._ordinary.contents.open)
        self._slow: dict[int, _Methods] = {}
        self._making = threading.Lock()
        _FOREVER.append(self)

    def install(self) -> None:
        """Every file that SQLite opens from now on in this process is on the slow disk."""
        self._library.sqlite3_vfs_register(pointer(self._vfs), 1)

    def remove(self) -> None:
        """Files are opened as ever; those that are open stay slow."""
        self._library.sqlite3_vfs_register(self._ordinary, 1)

    def _opened(self, vfs: int, name: int | None, file: int, flags: int, out: int | None) -> int:
        code: int = self._really_open(vfs, name, file, flags, out)
        methods = c_void_p.from_address(file)
        if code == _OK and methods.value:
            methods.value = self._slowed(methods.value)
        return code

    def _slowed(self, address: int) -> int:
        """The address of the slow methods that belong to the ordinary ones; made once, whoever opens at once."""
        with self._making:
            methods = self._slow.get(address)
            if methods is None:
                methods = _Methods.from_buffer_copy(_Methods.from_address(address))
                if methods.version > _LATEST_METHODS:
                    return address
                sync = _SYNC(self._syncing(_SYNC(methods.sync)))
                _FOREVER.append(sync)
                methods.sync = cast(sync, c_void_p)
                self._slow[address] = methods
            return addressof(methods)

    def _syncing(self, really_sync: Callable[..., int]) -> Callable[[int, int], int]:
        def sync(file: int, flags: int) -> int:
            self.syncs += 1
            threading.Event().wait(self._added_s)
            return really_sync(file, flags)

        return sync


def _library() -> Any:
    """The SQLite that the `sqlite3` module of this very process uses."""
    import sqlite3

    sqlite3.connect(":memory:").close()
    with _MAPS.open(encoding="utf-8") as maps:
        loaded = {line.split()[-1] for line in maps if "libsqlite3" in line}
    if not loaded:
        raise NeedsAttention("this Python has SQLite built in, so that its disk cannot be slowed down")
    library = ctypes.CDLL(loaded.pop())
    library.sqlite3_vfs_find.restype = c_void_p
    library.sqlite3_vfs_find.argtypes = [c_char_p]
    library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
    return library
