"""``moltrack rules`` on flag rules, and ``moltrack flags`` that tries them on a patient."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]


def test_show_prints_each_rule_with_condition_words_and_source(run: Run) -> None:
    text = run("rules", "show", "flags").out
    assert "threshold mfc_positive = 0.001" in text
    assert "list not_followed: ASXL1, DNMT3A, TET2" in text
    assert (
        "resistance: FLT3 D835, I836 or Y842 under a type II FLT3 inhibitor  [resistance_d835]\n"
        "  for each marker, when drug_is_given and gene_is_listed and is_of_kind and residue_is_listed"
    ) in text
    assert "  Smith, Nature 2012;485:260" in text
    assert "  convention: not tested is not cleared" in text
    assert "is_minor (adult_age): The patient was under age at diagnosis" in text


def test_show_as_json_has_one_row_per_rule(run: Run) -> None:
    rows = {row["rule"]: row for row in json.loads(run("rules", "show", "flags", "--format", "json").out)}
    assert rows["tp53_multi_hit"]["when"] == "(tp53_is_mutated and tp53_is_lost) or tp53_is_mutated_twice"
    assert rows["chip_gene"]["yields_to"] == "chip_persists"
    assert all(row["citation"] for row in rows.values())


def test_check_says_which_threshold_of_a_flag_is_changed(run: Run, write: Write) -> None:
    result = run("rules", "check", write("lab.yaml", "extends: flags", "thresholds: {mfc_positive: 0.01}"))
    assert result.status == 0
    assert "mfc_positive is 0.01 instead of 0.001" in result.out


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param(["extends: flags", "thresholds:", "  mfc: 1"], "lab.yaml:3: flags has no threshold 'mfc'", id="name"),
        pytest.param(["kind: flags", "id: own"], "lab.yaml:1: the field 'version' is missing", id="field"),
    ],
)  # fmt: skip
def test_check_names_the_line(run: Run, write: Write, lines: list[str], words: str) -> None:
    result = run("rules", "check", write("lab.yaml", *lines))
    assert result.status == 1
    assert words in result.err


def test_diff_names_the_threshold_that_a_laboratory_changed(run: Run, write: Write) -> None:
    lab = write("lab.yaml", "extends: flags", "thresholds: {mfc_positive: 0.01}")
    assert run("rules", "diff", "flags", lab).out == "threshold mfc_positive: 0.001 | 0.01\n"


def test_diff_names_a_rule_that_only_one_file_has(run: Run, write: Write) -> None:
    lab = write(
        "lab.yaml",
        "id: lab",
        "kind: flags",
        'version: "1"',
        "title: Ours",
        "citation: ours",
        "thresholds: {adult_age: 21}",
        "rules:",
        "  - {id: minor, title: under 21, scope: patient, when: is_minor, text: young, citation: ours}",
    )
    lines = run("rules", "diff", "flags", lab).out.splitlines()
    assert "threshold adult_age: 18 | 21" in lines
    assert "rule minor, text: The patient was {age} at diagnosis: guidelines made for adults are applied to a minor. | young" in lines  # fmt: skip
    assert "rule lost: only in flags: a marker that is no longer detected" in lines


def test_diff_of_flags_and_a_guideline_is_refused(run: Run) -> None:
    result = run("rules", "diff", "flags", "eln2022")
    assert result.status == 1
    assert "flags is about flags, eln2022 about risk: there is nothing to compare." in result.err


# --- on a patient -----------------------------------------------------------------------------------------------------


@pytest.fixture
def minor(run: Run, write: Write) -> None:
    assert run("ingest", write("patients.csv", "patient,sex,age", "P01,female,17")).status == 0


def test_flags_of_a_patient(run: Run, minor: None) -> None:
    assert run("flags", "P01").out == (
        "warning: The patient was 17 at diagnosis: guidelines made for adults are applied to a minor.\n"
    )


def test_explain_names_the_source(run: Run, minor: None) -> None:
    assert run("flags", "P01", "--explain").out.splitlines()[-1] == (
        "  Döhner, Blood 2022;140:1345 (recommendations for adults) [minor]"
    )


def test_a_laboratorys_threshold_is_said_in_the_flag(run: Run, write: Write, minor: None) -> None:
    lab = write("lab.yaml", "extends: flags", "thresholds: {adult_age: 21}")
    [row] = csv.DictReader(io.StringIO(run("flags", "P01", "--rules", lab, "--format", "csv").out))
    assert row["text"].endswith("; threshold changed by the laboratory: adult_age is 21 instead of 18.")
    assert row["overridden"] == "adult_age is 21 instead of 18"


def test_nothing_stands_out(run: Run, write: Write, minor: None) -> None:
    lab = write("lab.yaml", "extends: flags", "thresholds: {adult_age: 17}")
    assert run("flags", "P01", "--rules", lab).out == "Nothing stands out in patient P01.\n"


def test_an_unknown_sample_lists_those_there_are(run: Run, minor: None) -> None:
    result = run("flags", "P01", "--at", "d17")
    assert result.status == 1
    assert "patient P01 has no sample 'd17'" in result.err


def test_the_rules_of_a_guideline_are_no_flags(run: Run, minor: None) -> None:
    result = run("flags", "P01", "--rules", "eln2022")
    assert result.status == 1
    assert "'eln2022' is neither the rules 'flags' nor a file." in result.err
