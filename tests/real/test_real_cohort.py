"""The karyotypes of a published cohort, classified as a table."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from moltrack.pipeline import read_karyotype
from moltrack.rules import classify_rows, load_ruleset

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def coded(real_files: Path) -> dict[str, dict[str, str]]:
    with (real_files / "cytogenetics" / "amlsg_karyotypes.tsv").open(encoding="utf-8") as handle:
        return {row["id"]: row for row in csv.DictReader(handle, delimiter="\t")}


@pytest.fixture(scope="module")
def verdicts(coded: dict[str, dict[str, str]]) -> dict[str, dict[str, object]]:
    rows = [
        {"patient": name, "karyotype": row["karyotype"], "row": str(line)}
        for line, (name, row) in enumerate(coded.items(), start=2)
    ]
    found = classify_rows(load_ruleset("eln2022"), rows, karyotype=read_karyotype)
    return {str(row["patient"]): row for row in found}


def test_every_row_has_a_verdict_or_says_why_not(
    coded: dict[str, dict[str, str]], verdicts: dict[str, dict[str, object]]
) -> None:
    """806 patients. A cell that holds words alone is refused; it must be rare."""
    assert set(verdicts) == set(coded)
    refused = [name for name, row in verdicts.items() if row["problems"]]
    assert all(coded[name]["karyotype"] for name in refused)
    assert len(refused) < 0.02 * len(verdicts)


def test_core_binding_factor_leukaemia_is_observed_as_favorable(
    coded: dict[str, dict[str, str]], verdicts: dict[str, dict[str, object]]
) -> None:
    """Where the cohort's coders saw a core-binding-factor lesion, what was observed is favorable, or in conflict with an adverse row."""
    observed = Counter(
        str(verdicts[name]["as_observed"])
        for name, row in coded.items()
        if "1" in {row["t_8_21"], row["inv16_t16_16"]} and not verdicts[name]["problems"]
    )
    right = sum(count for text, count in observed.items() if text == "F" or text.endswith("conv F"))
    assert right >= 0.97 * sum(observed.values()), observed


def test_a_normal_karyotype_decides_nothing_alone(
    coded: dict[str, dict[str, str]], verdicts: dict[str, dict[str, object]]
) -> None:
    normal = [name for name, row in coded.items() if row["normal_karyotype"] == "1" and not verdicts[name]["problems"]]
    assert len(normal) > 300
    assert {str(verdicts[name]["as_observed"]) for name in normal} == {"I"}
    assert all(str(verdicts[name]["category"]).startswith("NA{") for name in normal)
