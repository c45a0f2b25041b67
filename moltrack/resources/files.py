"""Where the references are, and how their tables are read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from moltrack.errors import ReferenceError_

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def references_dir() -> Path:
    """The folder of reference tables."""
    return _data_dir("references")


@cache
def examples_dir() -> Path:
    """The folder of the example that ``moltrack demo`` runs."""
    return _data_dir("examples")


def _data_dir(name: str) -> Path:
    # Installed, the data lies inside the package; in a checkout beside it.
    for folder in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise ReferenceError_(f"the folder '{name}' of moltrack is missing.", advice="Install moltrack again.")


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Rows of a tab-separated reference table, by column name.

    Raises
    ------
    ReferenceError_
        The table is missing, or a row has not as many cells as the header.
    """
    return rows_in(read_lines(name), name)


def read_lines(name: str) -> list[str]:
    """The lines of a reference table, to be taken apart by :func:`rows_in`: for one of which a command uses little.

    Raises
    ------
    ReferenceError_
        The table is missing.
    """
    path = references_dir() / name
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ReferenceError_(
            f"cannot be read ({error.strerror}).", path=path, advice="Install moltrack again."
        ) from None


def rows_in(lines: Iterable[str], name: str) -> Iterator[dict[str, str]]:
    """Rows of a reference table's lines, its header first.

    Raises
    ------
    ReferenceError_
        A row has not as many cells as the header.
    """
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ReferenceError_(
                f"holds {len(row)} cells, its header {len(header)}.", path=references_dir() / name, line=number
            )
        yield dict(zip(header, row, strict=True))


def read_yaml(name: str) -> Any:
    """A reference file in YAML, as plain values.

    Raises
    ------
    ReferenceError_
        The file is missing or is not YAML.
    """
    import yaml

    path = references_dir() / name
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except OSError as error:
        raise ReferenceError_(
            f"cannot be read ({error.strerror}).", path=path, advice="Install moltrack again."
        ) from None
    except yaml.YAMLError as error:
        raise ReferenceError_(f"is not valid YAML ({error}).", path=path) from None


def listed(cell: str) -> tuple[str, ...]:
    """The values of a cell, which are joined by ``|``."""
    return tuple(cell.split("|")) if cell else ()
