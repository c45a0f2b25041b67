"""A table whose rows are of several techniques: a run's technique does not depend on which row comes first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]
HEADER = "gene5,gene3,technique,result"
ROWS = ("RUNX1,RUNX1T1,FISH,positive", "CBFB,MYH11,,negative", "SKAP2,RUNX1,RNA sequencing,positive")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)], ids=str)
def test_each_row_keeps_its_technique(run: Run, tmp_path: Path, order: tuple[int, ...]) -> None:
    """A row without technique is RNA sequencing, the technique of the table, not that of the row above."""
    path = tmp_path / "fusions.csv"
    path.write_text("\n".join((HEADER, *(ROWS[i] for i in order))) + "\n")
    landed = run("ingest", path, "--patient", "P01", "--sample", "S1", "--input-format", "fusions")
    assert landed.status == 0, landed.err
    rows = json.loads(run("table", "P01", "--hidden", "--format", "json").out)
    assert {row["marker"]: row["technique"] for row in rows} == {
        "RUNX1::RUNX1T1": "FISH",
        "CBFB::MYH11": "RNA sequencing",
        "SKAP2::RUNX1": "RNA sequencing",
    }
