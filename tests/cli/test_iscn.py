"""``moltrack iscn``: one karyotype in words, many as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from moltrack.cli.iscn import rows_of


def test_explains_one(run) -> None:
    outcome = run("iscn", "45,XY,inv(3)(q21q26.2),-7[18]/46,XY[2]")
    assert outcome.status == 0
    assert "1. 45,XY,inv(3)(q21q26.2),-7[18]  (18 cells)" in outcome.out
    assert "inv(3)(q21q26.2): inversion; 18 cells; = inv(3) or t(3;3)/GATA2, MECOM" in outcome.out
    assert "monosomal karyotype" in outcome.out
    assert "Count  2 (ISCN 2024), 2 (Chun 2010)" in outcome.out


def test_says_what_is_lost_and_what_is_not_understood(run) -> None:
    out = run("iscn", "46,XX,der(7)t(7;12)(q22;p13),xyz").out
    assert "loses 7q22 to 7qter; gains 12pter to 12p13" in out
    assert "'xyz' is not understood" in out


def test_json_line_of_a_string(run) -> None:
    read = json.loads(run("iscn", "--format", "jsonl", "47,XX,+8[20]").out)
    assert {"id", "input", "clones", "events", "flags", "abnormality_count", "problems"} <= set(read)
    assert read["flags"]["plus8_8q"] is True
    assert read["flags"]["minus7"] is False
    assert read["abnormality_count"] == {"iscn2024": 1, "chun2010": 1}
    assert read["events"][0]["imbalances"] == [
        {"change": "gain", "chrom": "8", "arm": "", "band_from": "", "band_to": ""}
    ]


def test_many_with_ids_keep_their_order_and_unknown_is_null(run, tmp_path: Path) -> None:
    path = tmp_path / "karyotypes.tsv"
    path.write_text("P1\t46,XX[20]\nP2\tno metaphases\n\nP3\t45,XX,-7\n", encoding="utf-8")
    lines = [json.loads(line) for line in run("iscn", "--file", path, "--format", "jsonl").out.splitlines()]
    assert [line["id"] for line in lines] == ["P1", "P2", "P3"]
    assert lines[1]["flags"]["minus7"] is None


def test_reads_standard_input(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("46,XX\n47,XX,+8\n"))
    assert len(run("iscn", "-", "--format", "jsonl").out.splitlines()) == 2


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        pytest.param(["46,XX\n", "46,XY\n"], [("", "46,XX"), ("", "46,XY")], id="one-column"),
        pytest.param(["P1\t46,XX\textra\n"], [("P1", "46,XX")], id="id-first"),
        pytest.param(["id\tkaryotype\tt_8_21\n", "P1\t46,XX\t0\n"], [("P1", "46,XX")], id="header"),
        pytest.param(["karyotype\tid\n", "46,XX\tP1\n"], [("P1", "46,XX")], id="header-turned-round"),
        pytest.param(["karyotype\n", "46,XX\n"], [("", "46,XX")], id="header-of-one"),
        pytest.param(["id\tkaryotype\n", "P1\n"], [("P1", "")], id="short-row"),
    ],
)
def test_rows(lines: list[str], rows: list[tuple[str, str]]) -> None:
    assert list(rows_of(lines)) == rows


def test_file_that_is_not_there(run, tmp_path: Path) -> None:
    outcome = run("iscn", "--file", tmp_path / "none.tsv")
    assert outcome.status == 1
    assert "none.tsv does not exist." in outcome.err


@pytest.mark.parametrize("arguments", [(), ("46,XX", "--file", "x")])
def test_one_string_or_a_file(run: Callable[..., object], arguments: tuple[str, ...]) -> None:
    outcome = run("iscn", *arguments)
    assert outcome.status == 2  # type: ignore[attr-defined]
    assert "Give one karyotype in quotes, or --file FILE" in outcome.err  # type: ignore[attr-defined]
