"""``moltrack trend``: what it says of clones beside the levels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]
Write = Callable[..., Path]

#: Two variants that fall together, and one that stays; 5,000 reads at each place.
LEVELS = {"NPM1": (0.40, 0.10, 0.02), "IDH2": (0.36, 0.09, 0.018), "DNMT3A": (0.40, 0.39, 0.41)}
CHANGES = {
    "NPM1": "5,170837543,C,CTCTG,p.Trp288fs",
    "IDH2": "15,90631934,C,T,p.Arg140Gln",
    "DNMT3A": "2,25457242,C,T,p.Arg882His",
}


@pytest.fixture
def trend(run: Run, write: Write) -> Callable[..., list[dict[str, Any]]]:
    """The rows of ``moltrack trend P1`` with these options."""
    lines = [
        f"P1,S{number},2024-0{number}-01,BM,{gene},{change},{level:.1%},{round(level * 5000)},5000,pathogenic,GRCh37,DNA sequencing"
        for gene, change in CHANGES.items()
        for number, level in enumerate(LEVELS[gene], start=1)
    ]
    header = "patient,sample,date,tissue,gene,chrom,pos,ref,alt,hgvs_p,vaf,alt_reads,depth,class,build,technique"
    outcome = run("ingest", write("v.csv", "#moltrack: variants", header, *lines))
    assert outcome.status == 0, outcome.err

    def _trend(*options: object) -> list[dict[str, Any]]:
        return json.loads(run("trend", "P1", "--format", "json", *options).out)

    return _trend


def said(rows: list[dict[str, Any]], marker: str, status: str) -> list[str]:
    return [row["value"] for row in rows if row["marker"].startswith(marker) and row["status"] == status]


def test_what_moves_together_is_said_of_each_marker(trend) -> None:
    rows = trend()
    assert said(rows, "NPM1", "moves together") == ["with IDH2 p.Arg140Gln"]
    assert said(rows, "IDH2", "moves together") == ["with NPM1 p.Trp288fs"]
    assert said(rows, "DNMT3A", "moves together") == []


def test_each_marker_has_its_first_detection_course_and_cells(trend) -> None:
    rows = trend()
    assert said(rows, "NPM1", "first detected") == ["in sample S1"]
    assert said(rows, "NPM1", "course") == ["still detected"]
    # F = 2 v of 2 %, from v to 2 v / (1 - v).
    assert said(rows, "NPM1", "share of cells") == [
        "4 % if heterozygous, two copies; 2 % to 4.08 % over all (sample S3)"
    ]


def test_a_panel_has_its_pooled_level_in_each_sample(trend) -> None:
    pooled = [row for row in trend() if row["status"] == "pooled"]
    # (2,000 + 1,800) / 10,000; DNMT3A is of clonal haematopoiesis.
    assert [row["sample"] for row in pooled] == ["S1", "S2", "S3"]
    assert pooled[0]["value"].startswith("38 % (")
    assert "DNMT3A" not in pooled[0]["note"]


def test_a_chosen_marker_comes_with_its_own_clone_alone(trend) -> None:
    rows = trend("--marker", "DNMT3A")
    assert {row["marker"] for row in rows} == {"DNMT3A p.Arg882His"}


def test_a_level_printed_as_a_bound_keeps_its_sign(run: Run, write: Write) -> None:
    table = (
        "#moltrack: measurements",
        "patient,sample,date,tissue,name,kind,quantity,value,denominator,technique,result",
        "P1,a,2024-01-01,BM,NPM1 type A,small_variant,normalized_copies,50 %,ABL1,qPCR,",
        "P1,b,2024-03-01,BM,NPM1 type A,small_variant,normalized_copies,<0.05 %,ABL1,qPCR,positive",
    )
    assert run("ingest", write("m.csv", *table)).status == 0
    found = json.loads(run("trend", "P1", "--format", "json").out)
    [row] = [row for row in found if row["sample"] == "b"]
    # log10(50 / 0.05) = 3, at least.
    assert (row["value"], row["log10 reduction"]) == ("< 0.05 %", "≥3.000")


def test_csv_has_the_same_rows(trend, run: Run) -> None:
    text = run("trend", "P1", "--format", "csv").out
    assert "first detected,in sample S1" in text
    assert "pooled,38 % (" in text
