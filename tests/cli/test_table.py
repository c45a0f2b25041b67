"""The longitudinal table for people: it fits the width, whatever it holds."""

from __future__ import annotations

import contextlib
import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome import Outcome

from moltrack.cli.common import print_table

Run = Callable[..., Outcome]
SAMPLES = [f"BM-2021-{number:03d}" for number in range(1, 41)]


@pytest.fixture
def long_course(run: Run, tmp_path: Path) -> Run:
    """One patient with 40 samples, each tested for IDH2 and NPM1."""
    lines = ["patient,sample,gene,hgvs_c,hgvs_p,vaf,depth,class,order,tissue"]
    for number, name in enumerate(SAMPLES, start=1):
        lines.append(f"P01,{name},IDH2,c.419G>A,p.Arg140Gln,{41 - number} %,1520,pathogenic,{number},BM")
        lines.append(f"P01,{name},NPM1,c.860_863dup,p.Trp288CysfsTer12,{43 - number} %,1520,pathogenic,{number},BM")
    table = tmp_path / "a_rather_long_name_of_the_file_that_the_laboratory_sent.csv"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert run("ingest", table, "--input-format", "variants").status == 0
    return run


@pytest.mark.parametrize("options", [(), ("--explain",), ("--wide",)], ids=["long", "explained", "wide"])
def test_no_line_is_longer_than_120(long_course: Run, options: tuple[str, ...]) -> None:
    shown = long_course("table", "P01", *options)
    assert shown.status == 0
    assert max(len(line) for line in shown.out.splitlines()) <= 120


def test_every_block_repeats_the_markers_and_every_sample_stands_once(long_course: Run) -> None:
    blocks = long_course("table", "P01", "--wide").out.split("\n\n")
    headers = [line for block in blocks for line in block.splitlines() if line.startswith("marker")]
    assert len(headers) == len(blocks) > 1
    assert [name for line in headers for name in line.split() if name in SAMPLES] == SAMPLES
    assert blocks[0].startswith(f"samples 1 to {headers[0].count('BM-2021')} of 40\n")
    assert all("IDH2" in block and "NPM1" in block for block in blocks)


def test_nothing_of_a_cell_is_lost_by_wrapping(long_course: Run) -> None:
    out = long_course("table", "P01").out
    [start] = {line.index("source") for line in out.splitlines() if "source" in line}
    shown = "".join(line[start:].strip() for line in out.splitlines()[2:])
    assert shown.count("a_rather_long_name_of_the_file_that_the_laboratory_sent.csv:2") >= 1


CELL = st.text(st.characters(categories=("L", "N", "P")), max_size=60)


@given(st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=4), st.integers(40, 140))
def test_whatever_the_cells_hold_no_line_is_longer_and_nothing_is_lost(cells: list[list[str]], width: int) -> None:
    columns = ["marker", "a long name of a column", "value", "d", "e"]
    rows = [dict(zip(columns, line, strict=True)) for line in cells]
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        print_table(rows, columns, width=width, whole={"value"})
    lines = shown.getvalue().splitlines()
    assert max(len(line) for line in lines) <= width
    printed = Counter("".join(lines))
    assert all(printed[sign] >= count for sign, count in Counter("".join(map("".join, cells))).items())


def test_csv_keeps_one_line_a_series(long_course: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(long_course("table", "P01", "--wide", "--format", "csv").out)))
    assert [row[SAMPLES[0]] for row in rows if row["quantity"] == "vaf"] == ["40 %", "42 %"]


def test_since_moves_day_0(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "variants.csv"
    table.write_text(
        "patient,sample,gene,hgvs_c,vaf,class,date\n"
        "P01,A,IDH2,c.419G>A,40 %,pathogenic,2021-05-01\n"
        "P01,B,IDH2,c.419G>A,4 %,pathogenic,2021-06-10\n",
        encoding="utf-8",
    )
    assert run("ingest", table, "--input-format", "variants").status == 0
    assert run("event", "add", "P01", "treatment", "7+3", "--date", "2021-05-11").status == 0

    def days(*options: str) -> list[str]:
        out = run("table", "P01", "--format", "csv", *options).out
        return [row["day"] for row in csv.DictReader(io.StringIO(out))]

    assert days() == ["0.0", "40.0"]
    assert days("--since", "7+3") == ["-10.0", "30.0"]


@pytest.mark.parametrize("command", ["table", "trend", "report"])
def test_help_says_that_since_moves_day_0(run: Run, command: str) -> None:
    assert "Count days from this event" in run(command, "--help").out
