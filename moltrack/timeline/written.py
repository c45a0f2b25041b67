"""Files that are written for their owner only."""

from __future__ import annotations

import tempfile
from pathlib import Path

from moltrack.errors import InputError


def file_name(patient: str) -> str:
    """A patient id as a file name: letters, digits, ``-_.`` kept, anything else ``_``."""
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in patient)


def private_folder(folder: Path) -> None:
    """Make a folder that its owner alone can enter."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made ({error.strerror}).") from None


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all.

    Raises
    ------
    InputError
        The folder does not exist or the file cannot be written.
    """
    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist.", advice="Create it, or give another -o.")
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as handle:
            handle.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        Path(handle.name).replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from None
