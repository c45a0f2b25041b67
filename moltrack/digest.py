"""The SHA-256 of a file, taken beside other work: to digest a large file takes as long as to read what is wanted of it."""

from __future__ import annotations

import hashlib
import os
from mmap import mmap
from pathlib import Path
from threading import Thread

from moltrack.errors import FormatError

#: Bytes digested at once. A thread beside one that computes waits for its turn after each piece, so they are large.
PIECE = 32 * 1024 * 1024


def sha256_of(path: Path) -> str:
    """The file's digest, as hexadecimal text."""
    return Digest(path).result()


class Digest:
    """The digest of a file, being taken from now on; one that nobody asks for holds nothing up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found = ""
        self._error: OSError | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> str:
        """The digest, as hexadecimal text; waits for it.

        Raises
        ------
        FormatError
            The file cannot be read.
        """
        self._thread.join()
        if self._error is not None:
            raise FormatError(f"cannot be read ({self._error.strerror}).", path=self._path)
        return self._found

    def _run(self) -> None:
        try:
            self._found = _digest(self._path)
        except OSError as error:
            self._error = error


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    with path.open("rb", buffering=0) as handle:
        size = max(min(PIECE, os.fstat(handle.fileno()).st_size), 1)
        # A map: a bytearray is filled with zeros first, and nothing else runs meanwhile.
        with mmap(-1, size) as room, memoryview(room) as buffer:
            while count := handle.readinto(buffer):
                with buffer[:count] as piece:
                    total.update(piece)
    return total.hexdigest()
