"""A normal karyotype in 20 metaphases, TP53 deletion 9 % by FISH and CN-LOH of 17p by array: shown as exactly that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import moltrack


@pytest.fixture
def rows(tmp_path: Path, write: Callable[..., Path]) -> list[dict[str, Any]]:
    files = [
        write("k.csv", "patient,sample,karyotype,date", 'K1,S1,"46,XX[20]",2021-05-12'),
        write("f.csv", "patient,sample,probe,event,percent,cutoff", "K1,S1,TP53,TP53 deletion,9 %,5 %"),
        write("a.csv", "patient,sample,arr", 'K1,S1,"arr[GRCh38] 17p13.3p11.2(1-21,500,000)x2 hmz"'),
    ]
    with moltrack.open(tmp_path / "store.db") as store:
        for path in files:
            store.ingest(path)
        return list(store.timeline("K1").rows())


def test_fish_sees_what_metaphases_cannot(rows: list[dict[str, Any]]) -> None:
    """95 % of one among 20 metaphases: 1 - 0.05^(1/20) = 13.9 %, which 9 % of nuclei do not contradict."""
    found = {row["assay"]: row for row in rows if row["label"] == "TP53 deletion (17p loss)"}
    assert (found["fish"]["status"], found["fish"]["level"], found["fish"]["cutoff"]) == ("detected", 0.09, 0.05)
    assert found["karyotype"]["status"] == "not_detected"
    assert found["karyotype"]["lod"] == pytest.approx(0.139, abs=5e-4)


def test_cn_loh_is_no_deletion_but_a_finding_of_its_own(rows: list[dict[str, Any]]) -> None:
    assert {row["label"]: row["status"] for row in rows if row["assay"] == "array"} == {
        "CN-LOH 17p13.3p11.2": "detected",
        "TP53 CN-LOH": "detected",
        "TP53 deletion (17p loss)": "not_detected",
    }


def test_the_karyotype_is_shown_as_typed(rows: list[dict[str, Any]]) -> None:
    [row] = [row for row in rows if row["label"] == "karyotype"]
    assert (row["text"], row["cells_total"]) == ("46,XX[20]", 20)
