"""How long the tables of fusion callers take to read: 10,000 rows a caller, beyond start-up.

Run ``python benchmarks/fusions_read.py [ROWS]``. The rows are made here from the table of callers, one junction per row. The
limit is one second a caller for 10,000 rows; the exit status is 1 when one takes longer.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from moltrack import formats
from moltrack.formats.fusions.callers import Caller, callers

LIMIT = 1.0
#: Columns that hold two values, or have a form of their own.
_SPECIAL = {
    "numenrnanumsprna": "5 12",
    "junccoord": "chr21_34859474_-:chr8_92017363_-",
    "genomic": "chr21:34859474>chr8:92017363",
    "fusion": "fusion_7_ENSG00000159216.19_291bp_ENSG00000079102.16_1340bp_50reads",
    "fusiongenes": "RUNX1:RUNX1T1",
    "fusiongene": "RUNX1--RUNX1T1",
    "readnames": "r1;r2;r3",
    "keepfusion": "True",
}


def columns_of(caller: Caller) -> list[str]:
    """The columns of a made-up file: those that the caller is known by, and those that are read."""
    if caller.columns:
        return list(caller.columns)
    used = [
        *caller.requires,
        caller.gene5,
        caller.gene3,
        caller.id5,
        caller.id3,
        *caller.breakpoint5,
        *caller.breakpoint3,
    ]
    used += [
        *caller.junction_reads,
        *caller.spanning_reads,
        *(level.column for level in caller.levels),
        caller.frame,
        caller.filters,
    ]
    made = {name for name in (caller.split.into if caller.split else ())}
    start = caller.header.split(",") if caller.header else []
    names = start + [name.lstrip("*") for name in used if name and name not in made]
    return list(dict.fromkeys(names))


def cell(caller: Caller, column: str, row: int) -> str:
    """A cell by what the caller's column means."""
    name = column.lower().replace(" ", "")
    if name in _SPECIAL and not (name == "fusion" and not caller.columns):
        return _SPECIAL[name]
    if name == caller.gene5:
        return "RUNX1"
    if name == caller.gene3:
        return "RUNX1T1"
    for side, (chrom, pos) in ((caller.breakpoint5, ("chr21", 34859474)), (caller.breakpoint3, ("chr8", 92017363))):
        if name in side:
            return (chrom, str(pos + row), "-")[side.index(name)] if len(side) > 1 else f"{chrom}:{pos + row}:-"
    if name in {level.column for level in caller.levels}:
        return "1.25"
    if name in caller.junction_reads or name in caller.spanning_reads or "count" in name:
        return str(row % 90 + 1)
    return "7" if caller.columns else "x"


def lines_of(caller: Caller, rows: int) -> Iterator[str]:
    columns = columns_of(caller)
    delimiter = caller.delimiter or "\t"
    if not caller.columns:
        yield delimiter.join(columns)
    for row in range(rows):
        yield delimiter.join(cell(caller, column, row) for column in columns)


def main(rows: int) -> int:
    formats.all_formats()
    slow = []
    print(f"{'caller':16} {'rows':>7} {'calls':>7} {'seconds':>8} {'rows/s':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for caller in callers():
            path = Path(folder) / f"{caller.name}.tsv"
            path.write_text("\n".join(lines_of(caller, rows)) + "\n")
            begin = time.perf_counter()
            reading = formats.read(path)
            taken = time.perf_counter() - begin
            assert reading.format.name == caller.name, (reading.format.name, caller.name)
            print(f"{caller.name:16} {rows:7} {len(reading.records):7} {taken:8.2f} {rows / taken:9.0f}")
            if len(reading.records) != rows:
                print(f"  refused: {reading.refused[0].reason if reading.refused else 'rows are missing'}")
                return 1
            if taken > LIMIT * rows / 10_000:
                slow.append(caller.name)
    if slow:
        print(f"slower than {LIMIT:g} s for 10,000 rows: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
