"""Explain a karyotype, or read many.

\b
moltrack iscn '46,XY,t(8;21)(q22;q22)[18]/46,XY[2]'
moltrack iscn --file karyotypes.tsv --format jsonl > read.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import click

from moltrack.errors import InputError


@click.command(help=__doc__)
@click.argument("karyotype", required=False)
@click.option(
    "--file",
    "file",
    metavar="FILE",
    help="A karyotype a line, an id may stand first, tab-separated; - is standard input.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
def command(karyotype: str | None, file: str | None, form: str) -> None:
    if karyotype == "-" and file is None:
        karyotype, file = None, "-"
    if (karyotype is None) == (file is None):
        raise click.UsageError("Give one karyotype in quotes, or --file FILE (- for standard input).")
    from moltrack import iscn

    with _open(file) if file is not None else nullcontext([karyotype or ""]) as lines:
        rows = rows_of(lines) if file is not None else [("", karyotype or "")]
        for index, (name, text) in enumerate(rows):
            if form == "jsonl":
                click.echo(json.dumps({"id": name, **_data(text)}, ensure_ascii=False))
            else:
                click.echo(("\n" if index else "") + (f"{name}\n" if name else "") + iscn.explain(iscn.parse(text)))


@lru_cache(maxsize=4096)  # half of a cohort is 46,XX or 46,XY
def _data(text: str) -> dict[str, Any]:
    from moltrack import iscn

    return iscn.as_data(iscn.parse(text))


def _open(file: str) -> AbstractContextManager[Iterable[str]]:
    if file == "-":
        return nullcontext(sys.stdin)
    try:
        if Path(file).is_file():  # a pipe can be read once only
            with Path(file).open("rb") as start:
                if b"\0" in start.read(4096):
                    raise InputError(f"{file} is a binary file.", advice="Give text, a karyotype a line.")
        return Path(file).open(encoding="utf-8-sig", errors="replace", newline=None)
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise InputError(f"{file} {reason}.") from None


def rows_of(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Id and karyotype of each line that is not blank.

    One column is the karyotype; of several, tab-separated, the first is the id and the second the karyotype. A header line
    (``id``, ``karyotype``) settles which columns these are.
    """
    columns: tuple[int, int] | None = None
    first = True
    for line in lines:
        cells = line.rstrip("\r\n").split("\t")
        if not any(cell.strip() for cell in cells):
            continue
        if first:
            first = False
            names = [cell.strip().lstrip("#").lower() for cell in cells]
            if "karyotype" in names or names[:1] == ["iscn"]:
                place = names.index("karyotype") if "karyotype" in names else 0
                others = [index for index in range(len(names)) if index != place]
                columns = (names.index("id") if "id" in names else others[0] if others else -1, place)
                continue
        if columns is None:
            yield ("", cells[0].strip()) if len(cells) == 1 else (cells[0].strip(), cells[1].strip())
            continue
        name, place = columns
        yield (
            cells[name].strip() if 0 <= name < len(cells) else "",
            cells[place].strip() if place < len(cells) else "",
        )
