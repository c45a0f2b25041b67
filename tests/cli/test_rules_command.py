"""``moltrack rules``: list, show, check, diff."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]


def test_list_names_every_guideline_with_its_paper(run: Run) -> None:
    rows = {row["name"]: row for row in json.loads(run("rules", "list", "--format", "json").out)}
    assert {"eln2017", "eln2022", "eln2024li"} <= set(rows)
    assert rows["eln2022"]["citation"] == "Döhner, Blood 2022;140:1345, Table 6"
    assert rows["eln2022"]["kind"] == "risk"


def test_show_prints_rows_predicates_and_thresholds(run: Run) -> None:
    text = run("rules", "show", "eln2022").out
    assert "threshold tp53_vaf = 0.1" in text
    assert "favorable (F): mutated NPM1 without FLT3-ITD" in text
    assert "when NPM1 and not FLT3_ITD" in text
    assert "gives way to adverse_cytogenetics" in text


def test_show_columns_lists_the_table_and_its_result(run: Run) -> None:
    rows = json.loads(run("rules", "show", "--columns", "--format", "json").out)
    table = {row["column"] for row in rows if row["in"] == "table"}
    assert {
        "patient",
        "age",
        "karyotype",
        "t_8_21",
        "complex",
        "NPM1",
        "CEBPA_bZIP",
        "FLT3_ITD_AR",
        "TP53_VAF",
    } <= table
    result = {row["column"] for row in rows if row["in"] == "result"}
    assert {"category", "as_observed", "possible", "basis", "deciding", "reasons"} <= result


def test_show_columns_of_one_rule_set_leaves_out_what_it_does_not_read(run: Run) -> None:
    rows = json.loads(run("rules", "show", "eln2017", "--columns", "--format", "json").out)
    names = {row["column"] for row in rows if row["in"] == "table"}
    assert {"FLT3_ITD_AR", "CEBPA_biallelic", "karyotype"} <= names
    assert not {"DDX41", "TP53_VAF", "t_8_16"} & names


def test_show_needs_a_name(run: Run) -> None:
    assert run("rules", "show").status == 2


def test_show_an_unknown_name(run: Run) -> None:
    result = run("rules", "show", "eln1999")
    assert result.status == 1
    assert "'eln1999' is neither a rule set" in result.err


def test_check_accepts_a_laboratorys_threshold_and_says_what_differs(run: Run, write: Write) -> None:
    file = write("own.yaml", "extends: eln2022", "version: lab", "thresholds: {tp53_vaf: 0.05}")
    result = run("rules", "check", file)
    assert result.status == 0
    assert "tp53_vaf is 0.05 instead of 0.1" in result.out


@pytest.mark.parametrize(
    ("lines", "where", "words"),
    [
        pytest.param(["extends: eln2022", "thresholds:", "  tp53: 1"], "own.yaml:3:", "no threshold 'tp53'", id="name"),
        pytest.param(["extends: eln2022", "thresholds:", "  tp53_vaf: ten"], "own.yaml:", "'ten'", id="no-number"),
        pytest.param(["extends: eln1999"], "own.yaml:1:", "'eln1999' is neither", id="unknown-base"),
        pytest.param(["extends: eln2022", "rows: []"], "own.yaml:2:", "rows", id="more-than-thresholds"),
        pytest.param(["id: x", "  y: ["], "own.yaml:2:", "", id="no-yaml"),
    ],
)
def test_check_names_the_line(run: Run, write: Write, lines: list[str], where: str, words: str) -> None:
    result = run("rules", "check", write("own.yaml", *lines))
    assert result.status == 1
    assert where in result.err
    assert words in result.err


def test_check_a_row_with_an_unknown_predicate(run: Run, write: Write) -> None:
    file = write(
        "own.yaml",
        "id: own",
        'version: "1"',
        "title: Our own",
        "categories: {F: favorable, A: adverse}",
        "rows:",
        "  - {id: one, category: F, when: NPM1}",
        "  - id: two",
        "    category: A",
        "    when: {any: [TP53, TP54]}",
    )
    result = run("rules", "check", file)
    assert result.status == 1
    assert "own.yaml:9:" in result.err
    assert "'TP54' is not a predicate" in result.err


def test_diff_names_thresholds_and_rows(run: Run) -> None:
    text = run("rules", "diff", "eln2017", "eln2022").out
    assert "threshold itd_allelic_ratio: 0.5 | none" in text
    assert "row tp53, when: TP53 | TP53_at_threshold" in text
    assert "row cebpa_biallelic: only in eln2017: favorable: biallelic mutated CEBPA" in text


def test_diff_of_equal_rule_sets(run: Run) -> None:
    assert run("rules", "diff", "eln2022", "eln2022").out == "eln2022 and eln2022 say the same.\n"


@pytest.mark.parametrize("name", ["list", "show", "check", "diff"])
def test_every_help_has_an_example(run: Run, name: str) -> None:
    assert f"moltrack rules {name}" in run("rules", name, "--help").out
