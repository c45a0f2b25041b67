"""``moltrack risk --table``: a cohort without a database."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[..., Path]

HEADER = "patient,age,karyotype,NPM1,FLT3_ITD,FLT3_ITD_AR,TP53"
KNOWN = 'P1,60,"46,XX,t(8;21)(q22;q22)[20]",0,0,,0'
OPEN = 'P2,55,"46,XX[20]",1,1,0.3,0'


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_one_row_per_patient_of_one_rule_set(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, KNOWN, OPEN), "--rules", "eln2017")
    assert result.status == 0
    assert [(row["patient"], row["ruleset"], row["category"]) for row in rows(result.out)] == [
        ("P1", "eln2017", "F"),
        ("P2", "eln2017", "F"),
    ]


def test_all_rule_sets_give_a_row_each_per_patient(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, OPEN))
    assert [row["ruleset"] for row in rows(result.out)] == ["eln2017", "eln2022", "eln2024li"]


def test_no_database_is_made(run: Run, write: Write, tmp_path: Path) -> None:
    run("risk", "--table", write("cohort.csv", HEADER, KNOWN))
    assert not (tmp_path / "test.db").exists()


def test_every_problem_is_listed_with_its_line(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, "P1,x,,2,0,,0", OPEN, "P2,,,,,abc,"))
    assert result.status == 3
    assert result.err.splitlines() == [
        "cohort.csv:2: column 'age' holds 'x', expected years.",
        "cohort.csv:2: column 'NPM1' holds '2', expected 1, 0 or nothing.",
        "cohort.csv:4: column 'FLT3_ITD_AR' holds 'abc', expected a number.",
        "cohort.csv:4: patient 'P2' stands in row 3 already.",
    ]


def test_a_cell_that_cannot_be_read_is_not_known(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, KNOWN, "P2,60,complex,0,0,,0"), "--rules", "eln2017")
    assert result.status == 3
    good, open_ = rows(result.out)
    assert (good["category"], good["problems"]) == ("F", "")
    assert open_["problems"] == "column 'karyotype' holds 'complex': no karyotype is written here."
    assert open_["category"].startswith("NA{")
    assert "karyotype" in open_["deciding"]


def test_a_row_that_contradicts_itself_has_no_verdict_and_keeps_no_other_from_one(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, KNOWN, "P2,60,,0,0,0.4,0"), "--rules", "eln2017")
    assert result.status == 3
    good, bad = rows(result.out)
    assert good["category"] == "F"
    assert (bad["category"], bad["problems"]) == ("", "column 'FLT3_ITD_AR' holds '0.4', but 'FLT3_ITD' is 0.")


def test_a_table_without_a_row_that_can_be_read_is_refused(run: Run, write: Write, tmp_path: Path) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, ",60,,,,,"), "-o", tmp_path / "out.csv")
    assert result.status == 1
    assert result.err.startswith("Error: cohort.csv:2: column 'patient' is empty.")
    assert not (tmp_path / "out.csv").exists()


def test_unknown_columns_are_named_with_the_line_of_the_header(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", "# our cohort", f"{HEADER},sex,NPM1", KNOWN))
    assert result.status == 1
    assert "cohort.csv:2: 'sex' is not a column of a patient table" in result.err
    assert "cohort.csv:2: the column 'NPM1' is there twice" in result.err


def test_assume_absent_is_the_users_word(run: Run, write: Write) -> None:
    table = write("cohort.csv", "patient,t_15_17,FLT3_ITD,NRAS,KRAS,TP53,DDX41,IDH1,aza_ivo", "P1,,,,,,,,")
    options = ("--rules", "eln2024li")
    assert rows(run("risk", "--table", table, *options).out)[0]["category"] == "NA{F,I,A}"
    assert rows(run("risk", "--table", table, *options, "--assume-absent").out)[0]["category"] == "F"


def test_a_laboratorys_threshold_is_used(run: Run, write: Write) -> None:
    own = write("own.yaml", "extends: eln2017", "version: lab", "thresholds: {itd_allelic_ratio: 0.25}")
    table = write("cohort.csv", HEADER, OPEN)
    [row] = rows(run("risk", "--table", table, "--rules", own).out)
    assert row["category"] == "NA{F,I,A}"  # the ratio is high now; CEBPA, RUNX1 and ASXL1 are not known


def test_output_file_and_counts(run: Run, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = run("risk", "--table", write("cohort.csv", HEADER, KNOWN), "--rules", "eln2017", "-o", out)
    assert result.out == ""
    assert "1 patient." in result.err
    assert "ELN 2017 genetic risk: favorable 1" in result.err
    assert rows(out.read_text())[0]["category"] == "F"


def test_json(run: Run, write: Write) -> None:
    result = run("risk", "--table", write("cohort.csv", HEADER, KNOWN), "--rules", "eln2017", "--format", "json")
    assert json.loads(result.out)[0]["basis"] == "stated"


def test_a_tab_separated_table(run: Run, write: Write) -> None:
    table = write("cohort.tsv", "patient\tNPM1\tFLT3_ITD", "P1\t1\t0")
    assert run("risk", "--table", table).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="neither"),
        pytest.param(("P1", "--assume-absent"), id="assume-absent-with-patient"),
        pytest.param(("P1", "-o", "x.csv"), id="output-with-patient"),
        pytest.param(("--table", "x.csv", "--explain"), id="explain-with-table"),
        pytest.param(("--table", "x.csv", "--at", "D"), id="at-with-table"),
    ],
)
def test_options_that_do_not_go_together(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("risk", *arguments).status == 2
