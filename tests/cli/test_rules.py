"""``moltrack rules`` on response and MRD guidelines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]


def test_list_names_every_kind_and_marks_what_is_under_development(run: Run) -> None:
    kinds = {row["name"]: row["kind"] for row in json.loads(run("rules", "list", "--format", "json").out)}
    assert kinds == {
        "eln2017": "risk",
        "eln2022": "risk",
        "eln2024li": "risk",
        "flags": "flags",
        "response_eln2017": "response",
        "response_eln2022": "response",
        "mrd_eln2021": "mrd",
        "mrd_david2025dev": "mrd (development version)",
    }


def test_show_prints_the_rows_of_a_response_guideline(run: Run) -> None:
    text = run("rules", "show", "response_eln2022").out
    assert "ELN 2022 response (response_eln2022), version 1" in text
    assert "threshold cr_neutrophils = 1" in text
    assert "complete remission (CR): marrow blasts below 5 %, no circulating blasts" in text
    assert "when row cr and (mrd_negative or mrd_low_level or mrd_below_threshold)" in text
    assert "when nothing else applies, and landmark_reached" in text


def test_show_prints_the_rows_of_an_mrd_guideline(run: Run) -> None:
    text = run("rules", "show", "mrd_eln2021").out
    assert "threshold mfc_positive = 0.001" in text
    assert "list dta: DNMT3A, TET2, ASXL1" in text
    assert (
        "course of NPM1, CBF, PML::RARA by qPCR, digital PCR: negative when not detected, positive when detected"
        in text
    )
    assert "MRD at low level (low_level): below 2 % (MRD-LL)  [pcr_low_level]" in text
    assert "would settle it: a second sample within 4 weeks" in text


def test_show_as_json_has_one_row_per_row(run: Run) -> None:
    rows = {row["row"]: row for row in json.loads(run("rules", "show", "mrd_eln2021", "--format", "json").out)}
    assert rows["ngs_below"]["category"] == "below_threshold"
    assert json.loads(rows["itd_missed"]["when"])["all"][-1] == "target_flt3_itd"


def test_columns_belong_to_risk_guidelines(run: Run) -> None:
    result = run("rules", "show", "mrd_eln2021", "--columns")
    assert result.status == 1
    assert "'mrd_eln2021' is neither a rule set" in result.err


def test_check_accepts_a_laboratorys_threshold_of_response(run: Run, write: Write) -> None:
    result = run("rules", "check", write("lab.yaml", "extends: response_eln2022", "thresholds: {blasts: 0.04}"))
    assert result.status == 0
    assert "blasts is 0.04 instead of 0.05" in result.out


@pytest.mark.parametrize("base", ["response_eln2022", "mrd_eln2021"])
def test_check_names_the_line_of_an_unknown_threshold(run: Run, write: Write, base: str) -> None:
    result = run("rules", "check", write("lab.yaml", f"extends: {base}", "thresholds:", "  nothing: 1"))
    assert result.status == 1
    assert f"lab.yaml:3: {base} has no threshold 'nothing'" in result.err


def test_diff_names_what_two_response_guidelines_say_differently(run: Run) -> None:
    text = run("rules", "diff", "response_eln2017", "response_eln2022").out
    assert "row crh: only in response_eln2022" in text


def test_diff_refuses_guidelines_about_different_things(run: Run) -> None:
    result = run("rules", "diff", "eln2022", "mrd_eln2021")
    assert result.status == 1
    assert "eln2022 is about risk, mrd_eln2021 about mrd: there is nothing to compare." in result.err
