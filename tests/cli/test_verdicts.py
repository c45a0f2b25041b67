"""``moltrack response`` and ``moltrack mrd`` on tables that were ingested."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from outcome import Outcome

Run = Callable[..., Outcome]
Write = Callable[..., Path]

TABLES = {
    "samples.csv": (
        "#moltrack: samples",
        "patient,sample,date,tissue,phase",
        "P1,dx,2024-01-01,BM,diagnosis",
        "P1,eot,2024-06-01,BM,end_of_treatment",
        "P1,blood,2024-06-04,PB,other",
    ),
    "events.csv": ("#moltrack: events", "patient,type,name,date,anchor_event", "P1,treatment,7+3,2024-01-03,yes"),
    "measurements.csv": (
        "#moltrack: measurements",
        "patient,sample,name,kind,quantity,value,unit,denominator,control_copies,technique,result",
        "P1,dx,blasts,blasts,,60 %,,,,morphology,",
        "P1,dx,NPM1 type A,small_variant,normalized_copies,200 %,,ABL1,40000,qPCR,",
        "P1,eot,blasts,blasts,,2 %,,,,morphology,",
        "P1,eot,NPM1 type A,small_variant,normalized_copies,,,ABL1,45000,qPCR,negative",
        "P1,blood,blasts,blasts,,0 %,,,,morphology,",
        "P1,blood,ANC,analyte,,1.4,10^9/L,,,,",
        "P1,blood,platelets,analyte,,150,10^9/L,,,,",
    ),
    "reported.csv": (
        "#moltrack: reported",
        "patient,sample,topic,conclusion",
        "P1,eot,extramedullary disease,none",
        "P1,eot,marrow quality,adequate",
    ),
}


@pytest.fixture
def patient(run: Run, write: Write) -> Run:
    """A command on the database that holds the patient of :data:`TABLES`."""
    for name, lines in TABLES.items():
        assert run("ingest", write(name, *lines)).status == 0
    return run


def test_response_from_files_is_cr_without_mrd(patient: Run) -> None:
    text = patient("response", "P1").out
    assert text.startswith("ELN 2022 response at sample eot: CR without MRD\n")
    assert "MRD negative (not detected at 2e-5 (45,000 control copies))" in text


def test_a_narrower_window_misses_the_counts(patient: Run) -> None:
    text = patient("response", "P1", "--window", 2).out
    assert "would decide: neutrophils (ANC); platelets; circulating blasts" in text
    assert "Values within 2 days of the sample count as one assessment." in text


def test_explain_names_row_citation_predicate_and_line(patient: Run) -> None:
    text = patient("response", "P1", "--explain").out
    assert "[    YES] CR without MRD: CR with MRD negative or below the threshold of its method" in text
    assert "Döhner, Blood 2022;140:1345, response criteria in AML; rule set response_eln2022 version 1" in text
    assert "[    YES] neutrophils recovered (≥ 1): 1.4 x 10^9/L" in text
    assert "sample blood <measurements.csv:8>" in text


def test_mrd_says_the_limit(patient: Run) -> None:
    text = patient("mrd", "P1").out
    assert "NPM1 p.Trp288CysfsTer12 by qPCR, BM at sample eot: negative at 2e-5" in text


@pytest.mark.parametrize(
    ("row", "status", "reason"),
    [
        # Positive below cycle 40 in at least 2 of 3 replicates (Heuser, Blood 2021;138:2753).
        pytest.param("NPM1 type A,small_variant,normalized_copies,,,ABL1,45000,qPCR,positive,38; undetermined; undetermined,,,,", "negative at 2e-5", "positive_replicate", id="one-of-three"),
        pytest.param("NPM1 type A,small_variant,normalized_copies,0.05 %,,ABL1,45000,qPCR,,38; 38.5; undetermined,,,,", "low_level", "below 2 % (MRD-LL)", id="two-of-three"),
        pytest.param("MFC-MRD,flow,,,,CD45+,,flow cytometry,negative,,800000,no,,", "not_assessable", "not of the first pull", id="second-pull"),
        pytest.param("MFC-MRD,flow,,,,CD45+,,flow cytometry,negative,,800000,yes,4,", "not_assessable", "4 days old", id="old-sample"),
        pytest.param("MFC-MRD,flow,,,,CD45+,,flow cytometry,negative,,800000,yes,1,50", "not_assessable", "among 50 cells of the blast compartment", id="few-cells"),
        pytest.param("MFC-MRD,flow,,,,CD45+,,flow cytometry,negative,,800000,yes,1,500", "negative among 800,000 CD45+ cells", "", id="adequate"),
    ],
)  # fmt: skip
def test_mrd_reads_what_the_table_says_of_the_assay(run: Run, write: Write, row: str, status: str, reason: str) -> None:
    remission = (
        "#moltrack: events",
        "patient,type,name,date,anchor_event",
        "P1,treatment,7+3,2024-01-03,yes",
        "P1,response,CR,2024-05-30,",
    )
    results = (
        "#moltrack: measurements",
        "patient,sample,name,kind,quantity,value,unit,denominator,control_copies,technique,result,ct,events_total,first_pull,age_days,compartment_cells",
        "P1,dx,NPM1 type A,small_variant,normalized_copies,200 %,,ABL1,40000,qPCR,,,,,,",
        "P1,dx,MFC-MRD,flow,,40 %,,CD45+,,flow cytometry,,,,,,",
        f"P1,eot,{row}",
    )  # fmt: skip
    for name, lines in (("s.csv", TABLES["samples.csv"]), ("e.csv", remission), ("m.csv", results)):
        assert run("ingest", write(name, *lines)).status == 0
    text = run("mrd", "P1").out
    assert f"at sample eot: {status}\n" in text
    assert reason in text


def test_npm1_that_is_negative_in_every_sample_has_a_status(run: Run, write: Write) -> None:
    remission = ("patient,type,name,date", "P1,treatment,7+3,2024-01-03", "P1,response,CR,2024-05-30")
    table = "patient,sample,name,kind,quantity,value,denominator,control_copies,technique,result"
    rows = (
        f"P1,{sample},NPM1,small_variant,normalized_copies,,ABL1,45000,qPCR,negative" for sample in ("eot", "blood")
    )
    for name, lines in (
        ("s.csv", TABLES["samples.csv"]),
        ("e.csv", ("#moltrack: events", *remission)),
        ("m.csv", ("#moltrack: measurements", table, *rows)),
    ):
        assert run("ingest", write(name, *lines)).status == 0
    text = run("mrd", "P1").out
    assert "NPM1 by qPCR, BM at sample eot: negative at 2e-5\n  flag: target_never_detected" in text
    assert "NPM1 by qPCR, PB at sample blood" in text


def test_the_2025_categories_are_marked_as_a_development_version(patient: Run) -> None:
    text = patient("mrd", "P1", "--rules", "david2025dev").out
    assert text.startswith("ELN-DAVID 2025 (development version): ")
    assert "flag: development_version" in text


def test_the_table_ends_with_the_verdicts_of_every_sample(patient: Run) -> None:
    text = patient("table", "P1").out
    assert "eot     NA{F,I,A}  CR without MRD  NPM1 p.Trp288CysfsTer12 by qPCR, BM: negative at 2e-5" in text


@pytest.mark.parametrize("command", ["response", "mrd"])
def test_json_keeps_to_the_schema(patient: Run, command: str) -> None:
    schema = json.loads((files("moltrack.rules") / "verdict.schema.json").read_text(encoding="utf-8"))
    [verdict] = json.loads(patient(command, "P1", "--format", "json").out)
    Draft202012Validator(schema).validate(verdict)
    assert verdict["sample"] == "eot"
    of = ("NPM1 p.Trp288CysfsTer12", "qPCR", "BM") if command == "mrd" else ("", "", "")
    assert (verdict["target"], verdict["method"], verdict["tissue"]) == of


def test_a_laboratorys_file_is_used_and_said(patient: Run, write: Write) -> None:
    rules = write("ours.yaml", "extends: eln2022", "version: ours", "thresholds: {cr_neutrophils: 1.5}")
    text = patient("response", "P1", "--rules", rules).out
    assert "ELN 2022 response (laboratory's thresholds) at sample eot: CRh without MRD" in text
    assert "laboratory's threshold: cr_neutrophils is 1.5 instead of 1" in text


def test_the_report_is_by_the_files_of_the_laboratory_and_names_them(
    patient: Run, write: Write, tmp_path: Path
) -> None:
    response = write("counts.yaml", "extends: response_eln2022", "version: ours", "thresholds: {cr_neutrophils: 1.5}")
    flags = write("flags.yaml", "extends: flags", "thresholds: {usual_cutoff_low: 0.02}")
    page = tmp_path / "P1.html"
    assert patient("report", "P1", "--rules", response, "--rules", flags, "-o", page).status == 0
    html = page.read_text(encoding="utf-8")
    digest = hashlib.sha256(response.read_bytes()).hexdigest()[:12]
    assert f"response_eln2022 1+ours (counts.yaml sha256 {digest})" in html
    assert "flags 1+flags (flags.yaml sha256 " in html
    assert "mrd_eln2021 1" in html
    assert "CRh without MRD" in html


def test_the_cohort_is_by_the_files_of_the_laboratory(patient: Run, write: Write, tmp_path: Path) -> None:
    response = write("counts.yaml", "extends: response_eln2022", "thresholds: {cr_neutrophils: 1.5}")
    assert patient("report", "--cohort", "--rules", response, "-o", tmp_path / "pages").status == 0
    html = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    assert "response_eln2022 1+counts (counts.yaml sha256 " in html
    assert "CRh without MRD" in html


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(("response", "P1", "--at", "x"), 1, "patient P1 has no sample 'x' (dx, eot, blood)", id="sample"),
        pytest.param(("mrd", "P1", "--rules", "x"), 1, "'x' is neither a guideline for mrd (david2025dev, eln2021)", id="rules"),
        pytest.param(("response", "P1", "--rules", "x"), 1, "'x' is neither a guideline for response (eln2017, eln2022)", id="response-rules"),
        pytest.param(("report", "P1", "--rules", "x"), 1, "'x' is neither a rule set (", id="report-rules"),
        pytest.param(("response", "P2"), 1, "'P2' is not in the database", id="patient"),
        pytest.param(("mrd", "P1", "--window", "-1"), 2, "-1 is not in the range x>=0", id="window"),
    ],
)  # fmt: skip
def test_mistakes_are_one_sentence(patient: Run, arguments: tuple[str, ...], status: int, message: str) -> None:
    result = patient(*arguments)
    assert (result.status, result.out) == (status, "")
    assert message in result.err


def test_a_sample_that_cannot_be_judged_is_said(patient: Run) -> None:
    assert patient("response", "P1", "--at", "blood").out == (
        "No response is judged: sample blood has no marrow blasts after the first treatment.\n"
    )
    assert patient("mrd", "P1", "--at", "dx").out == (
        "No MRD status is judged: sample dx has no result of an MRD method after the first treatment.\n"
    )
