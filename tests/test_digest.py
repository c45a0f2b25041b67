"""The SHA-256 of a file, taken beside other work."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from moltrack import digest
from moltrack.digest import Digest, sha256_of
from moltrack.errors import FormatError


def test_the_digest_of_known_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")  # FIPS 180-4, example of one block
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 1000])
def test_pieces_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(digest, "PIECE", 64)
    path = tmp_path / "x"
    content = bytes(i % 251 for i in range(size))
    path.write_bytes(content)
    assert sha256_of(path) == hashlib.sha256(content).hexdigest()


def test_it_can_be_asked_for_twice(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    begun = Digest(path)
    assert begun.result() == begun.result()


def test_a_file_that_cannot_be_read_is_said_when_asked_for(tmp_path: Path) -> None:
    begun = Digest(tmp_path / "absent")
    with pytest.raises(FormatError, match=r"absent: cannot be read \(No such file or directory\)"):
        begun.result()
    with pytest.raises(FormatError, match="cannot be read"):
        Digest(tmp_path).result()
