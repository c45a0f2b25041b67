"""Tables of a trial from files to cells: five patients whose every number is counted by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]

#: NPM1 / ABL1 in marrow, LOD 0.005 %. Day 0 is the start of 7+3, 2021-01-04. Patient E has no dates.
LEVELS = """\
A,A0,50 %,2021-01-01,diagnosis
A,A1,5 %,2021-04-04,end_of_treatment
A,A2,<0.005 %,2021-07-03,follow_up
A,A3,<0.005 %,2021-10-01,follow_up
B,B0,50 %,2021-01-04,diagnosis
B,B1,<0.005 %,2021-04-04,end_of_treatment
B,B2,0.1 %,2021-06-03,follow_up
B,B3,1 %,2021-06-24,follow_up
C,C0,40 %,2021-01-02,diagnosis
D,D0,50 %,2021-01-04,diagnosis
D,D1,0.5 %,2021-04-04,end_of_treatment
D,D2,0.4 %,2021-10-31,follow_up
E,E0,50 %,,diagnosis
"""
EVENTS = """\
patient,type,name,date,anchor_event
A,treatment,7+3,2021-01-04,yes
A,response,CR,2021-02-03,
A,last_contact,seen,2022-01-04,
B,treatment,7+3,2021-01-04,yes
B,response,CRi,2021-02-03,
B,relapse,relapse,2021-07-23,
B,death,death,2021-09-21,
C,treatment,7+3,2021-01-04,yes
C,death,death,2021-02-13,
D,treatment,7+3,2021-01-04,yes
D,response,CR,2021-02-08,
D,relapse,relapse,2022-05-19,
"""
SCHEDULE = """\
visit,day,before,after,tissue,tests
EOT,90,14,14,BM,NPM1;flow
FU1,180,14,14,BM,NPM1
Y1,365,30,30,,NPM1
"""


def levels(text: str = LEVELS) -> str:
    head = "patient,sample,value,date,phase,name,kind,denominator,lod,control_copies,technique,assay,tissue\n"
    fixed = "NPM1 type A,small_variant,ABL1,0.005 %,20000,qPCR,npm1_qpcr,BM"
    return head + "".join(f"{line},{fixed}\n" for line in text.splitlines())


def ingest(run: Run, folder: Path, text: str, name: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    outcome = run("ingest", path)
    assert outcome.status == 0, outcome.err


@pytest.fixture
def trial(run: Run, tmp_path: Path) -> Run:
    ingest(run, tmp_path, levels(), "npm1.csv")
    ingest(run, tmp_path, EVENTS, "events.csv")
    (tmp_path / "schedule.csv").write_text(SCHEDULE, encoding="utf-8")
    return run


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    assert outcome.status == 0, outcome.err
    found: list[dict[str, Any]] = json.loads(outcome.out)["rows"]
    return found


def endpoints(run: Run, *options: object) -> dict[str, dict[str, Any]]:
    return {row["patient"]: row for row in rows(run("trial", "endpoints", "--format", "json", *options))}


# --- endpoints --------------------------------------------------------------------------------------------------------

# Days from 2021-01-04: 04-04 is 90, 06-03 is 150, 06-24 is 171, 07-03 is 180, 07-23 is 200, 09-21 is 260, 10-01 is 270, 10-31 is 300,
# 2022-01-04 is 365, 2022-05-19 is 500; remission on day 30 (A, B) and 35 (D).
BY_HAND = {
    "A": {
        "mrd_negativity": (180, "observed"),
        "clearance": (180, "observed"),
        "molecular_relapse": (270 - 180, "censored"),
        "relapse": (365 - 30, "censored"),
        "rfs": (365 - 30, "censored"),
        "os": (365, "censored"),
    },
    "B": {  # Negative on day 90, relapse of MRD on day 150, confirmed on day 171 (21 days later).
        "mrd_negativity": (90, "observed"),
        "clearance": (171, "censored"),
        "molecular_relapse": (150 - 90, "observed"),
        "relapse": (200 - 30, "observed"),
        "rfs": (200 - 30, "observed"),
        "os": (260, "observed"),
    },
    "C": {  # Dies on day 40 without remission or follow-up sample.
        "mrd_negativity": (None, "not assessable"),
        "clearance": (None, "not assessable"),
        "molecular_relapse": (None, "not assessable"),
        "relapse": (None, "not assessable"),
        "rfs": (None, "not assessable"),
        "os": (40, "observed"),
    },
    "D": {  # 0.5 % at the end of treatment is low level, which counts as MRD-negative response (below 2 %).
        "mrd_negativity": (90, "observed"),
        "clearance": (300, "censored"),
        "molecular_relapse": (300 - 90, "censored"),
        "relapse": (500 - 35, "observed"),
        "rfs": (500 - 35, "observed"),
        "os": (500, "censored"),
    },
    "E": dict.fromkeys(
        ("mrd_negativity", "clearance", "molecular_relapse", "relapse", "rfs", "os"), (None, "not assessable")
    ),
}


@pytest.mark.parametrize("patient", list(BY_HAND))
def test_times_are_those_counted_by_hand(trial: Run, patient: str) -> None:
    row = endpoints(trial)[patient]
    assert {name: (row[f"{name}_days"], row[f"{name}_status"]) for name in BY_HAND[patient]} == BY_HAND[patient]


def test_the_best_reduction_says_bound_limit_and_sample(trial: Run) -> None:
    found = endpoints(trial)
    # A: log10(0.5 / 0.00005) = 4, a bound; D: log10(0.5 / 0.004) = 2.0969.
    a, c, d = found["A"], found["C"], found["D"]
    assert (a["reduction_log10"], a["reduction_comparator"], a["reduction_limit"]) == (pytest.approx(4), "≥", 5e-5)
    assert (a["reduction_baseline"], a["reduction_sample"], a["reduction_day"]) == ("A0", "A2", 180)
    assert (d["reduction_log10"], d["reduction_comparator"]) == (pytest.approx(2.09691), "")
    assert (c["reduction_log10"], c["reduction_reason"]) == (None, "no sample after the baseline")


def test_the_best_mrd_status_and_its_interval(trial: Run) -> None:
    found = endpoints(trial)
    assert [found[name]["mrd_status"] for name in "ABCD"] == ["negative at 5e-5", "negative at 5e-5", None, "low_level"]
    assert (found["A"]["mrd_negativity_after"], found["B"]["mrd_negativity_after"]) == (90, None)
    assert found["B"]["molecular_relapse_after"] == 0


def test_unknown_stays_unknown_and_says_why(trial: Run) -> None:
    row = endpoints(trial)["E"]
    assert (row["day0"], row["day0_date"]) == ("", "")
    assert row["os_reason"] == "day 0 is not known"
    assert row["rfs_reason"] == "no CR, CRh or CRi with a day is recorded or can be computed"


def test_the_data_lock_censors(trial: Run) -> None:
    # Up to 2021-12-31 (day 361): A is last seen in sample A3, D in D2; D's relapse is not known yet.
    found = endpoints(trial, "--lock", "2021-12-31")
    assert (found["A"]["os_days"], found["A"]["os_status"]) == (270, "censored")
    assert (found["D"]["rfs_days"], found["D"]["rfs_status"]) == (300 - 35, "censored")
    assert (found["B"]["os_days"], found["B"]["os_status"]) == (260, "observed")


def test_data_after_the_lock_change_nothing(trial: Run, tmp_path: Path) -> None:
    commands = [
        ("trial", "endpoints", "--format", "json"),
        ("trial", "survival", "--by", "mrd", "--format", "json"),
        ("trial", "long", "--format", "json"),
        ("trial", "visits", "--schedule", tmp_path / "schedule.csv", "--format", "json"),
    ]
    # A1 was looked at for IDH2, which is found in A9 only: its miss in A1 must not be known before.
    panel = tmp_path / "panel.csv"
    panel.write_text("patient,sample,gene,hgvs_c,vaf,class\nA,A1,DNMT3A,c.2645G>A,4 %,pathogenic\n", encoding="utf-8")
    assert trial("ingest", panel, "--covers", "IDH2", "--lod", "vaf=2%").status == 0
    before = [trial(*command, "--lock", "2021-12-31").out for command in commands]
    later = "C,C9,30 %,2022-02-01,follow_up\nA,A9,20 %,2022-03-01,follow_up\nD,D9,<0.005 %,2023-01-01,follow_up\n"
    ingest(trial, tmp_path, levels(later), "later.csv")
    idh2 = "patient,sample,gene,hgvs_c,vaf,class\nA,A9,IDH2,c.419G>A,40 %,pathogenic\n"
    (tmp_path / "idh2.csv").write_text(idh2, encoding="utf-8")
    assert trial("ingest", tmp_path / "idh2.csv").status == 0
    assert trial("event", "add", "A", "relapse", "relapse", "--date", "2022-03-01").status == 0
    assert trial("event", "add", "D", "death", "death", "--date", "2023-02-01").status == 0
    assert [trial(*command, "--lock", "2021-12-31").out for command in commands] == before
    assert trial(*commands[0]).out != before[0]
    assert [row["AVALC"] for row in rows(trial(*commands[2])) if row["LBREFID"] == "A1" and "IDH2" in row["PARAM"]] == [
        "<0.02"
    ]


def test_the_order_of_patients_changes_nothing(run: Run, trial: Run, tmp_path: Path) -> None:
    before = trial("trial", "endpoints", "--format", "csv").out
    monkey = tmp_path / "other"
    monkey.mkdir()
    other = str(monkey / "other.db")
    for patient in "EDCBA":
        own = "\n".join(line for line in LEVELS.splitlines() if line.startswith(patient))
        (monkey / f"{patient}.csv").write_text(levels(own), encoding="utf-8")
        assert run("--db", other, "ingest", monkey / f"{patient}.csv").status == 0
    header, *events = EVENTS.splitlines()
    (monkey / "events.csv").write_text("\n".join([header, *reversed(events)]) + "\n", encoding="utf-8")
    assert run("--db", other, "ingest", monkey / "events.csv").status == 0
    assert run("--db", other, "trial", "endpoints", "--format", "csv").out == before


def test_a_selection_leaves_the_other_markers_out(trial: Run, tmp_path: Path) -> None:
    flow = "patient,sample,name,kind,value,denominator,lod,events_total,technique,assay\n"
    flow += "A,A1,MFC-MRD,flow,1 %,CD45+,0.01 %,600000,flow cytometry,mfc\n"
    flow += "A,A2,MFC-MRD,flow,2 %,CD45+,0.01 %,600000,flow cytometry,mfc\n"
    ingest(trial, tmp_path, flow, "flow.csv")
    both, flow_only, npm1 = (
        endpoints(trial, *options)["A"]["mrd_negativity_days"]
        for options in ((), ("--technique", "flow"), ("--marker", "NPM1"))
    )
    # With flow, sample A2 is positive, and A3 was not tested by flow: the first sample without a positive is A3, day 270.
    assert (both, flow_only, npm1) == (270, 180, 180)
    assert endpoints(trial, "--technique", "flow")["A"]["mrd_negativity_status"] == "censored"


def test_since_moves_the_origin(trial: Run) -> None:
    found = endpoints(trial, "--since", "CR")
    assert found["A"]["os_days"] == 365 - 30
    assert found["B"]["os_reason"] == "has no event 'CR'"


def test_a_remission_from_before_day_0_counts_from_there_unless_it_was_lost(trial: Run) -> None:
    # A is transplanted in remission on day 150 and seen until day 365; B on day 230, after the relapse of day 200.
    assert trial("event", "add", "A", "transplant", "HCT", "--date", "2021-06-03").status == 0
    assert trial("event", "add", "B", "transplant", "HCT", "--date", "2021-08-22").status == 0
    found = endpoints(trial, "--since", "HCT")
    assert (found["A"]["rfs_days"], found["A"]["rfs_origin"]) == (365 - 150, "HCT, in remission (CR)")
    assert (found["B"]["rfs_status"], found["B"]["os_days"]) == ("not assessable", 260 - 230)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(("--since", "HCT"), "no patient has an event 'HCT' whose day is known.", id="no-event"),
        pytest.param(("--marker", "FLT3"), "'FLT3' is not a marker of any patient.", id="no-marker"),
        pytest.param(("--technique", "telepathy"), "'telepathy' is not a technique.", id="no-technique"),
        pytest.param(("--lock", "31.12.2021"), "'31.12.2021' is not a date.", id="no-date"),
    ],
)
def test_what_cannot_be_meant_is_said(trial: Run, options: tuple[str, str], message: str) -> None:
    outcome = trial("trial", "endpoints", *options)
    assert (outcome.status, outcome.out) == (1, "")
    assert message in outcome.err


def test_an_empty_database_has_no_trial(run: Run, tmp_path: Path) -> None:
    ingest(run, tmp_path, levels(), "npm1.csv")
    for patient in "ABCDE":
        assert run("patient", "delete", patient, "--yes").status == 0
    assert "the database holds no patient." in run("trial", "endpoints").err


def test_the_printed_table_fits_and_states_its_definitions(trial: Run) -> None:
    out = trial("trial", "endpoints").out
    assert max(len(line) for line in out.splitlines()) <= 120
    assert "365+" in out
    assert "- Overall survival: from day 0 to death from any cause" in out
    assert "Döhner, Blood 2022;140:1345, Table 9" in out


# --- visits -----------------------------------------------------------------------------------------------------------


def visits(run: Run, tmp_path: Path, *options: object) -> list[dict[str, Any]]:
    return rows(run("trial", "visits", "--schedule", tmp_path / "schedule.csv", "--format", "json", *options))


def test_each_visit_says_sample_deviation_and_what_was_evaluable(trial: Run, tmp_path: Path) -> None:
    found = [
        (row["visit"], row["sample"], row["deviation"], row["window"], row["test NPM1"], row["test flow"])
        for row in visits(trial, tmp_path)
        if row["patient"] == "B"
    ]
    assert found == [
        ("EOT", "B1", 0, "in", "evaluable", "not tested"),
        ("FU1", "B3", 171 - 180, "in", "evaluable", None),
        ("Y1", "", None, "none", "missing", None),
        (None, "B0", -90, "unscheduled", None, None),
        (None, "B2", 150 - 180, "unscheduled", None, None),
    ]


def test_a_sample_outside_the_window_is_named_and_the_visit_is_missing(trial: Run, tmp_path: Path) -> None:
    [row] = [row for row in visits(trial, tmp_path) if (row["patient"], row["visit"]) == ("D", "Y1")]
    assert (row["sample"], row["deviation"], row["window"], row["test NPM1"]) == ("D2", 300 - 365, "out", "missing")
    assert row["reason"] == "sample D2 lies 35 days outside the window of Y1"


def test_every_missing_visit_says_why(trial: Run, tmp_path: Path) -> None:
    found = {(row["patient"], row["visit"]): row["reason"] for row in visits(trial, tmp_path)}
    assert found["C", "EOT"] == "death on day 40"
    assert found["A", "Y1"] == "no sample in the window"
    assert found["E", "EOT"] == "no sample can be placed in days"
    assert found["A", "EOT"] == "flow: sample A1 has no result of it"


def test_a_window_open_at_the_lock_is_not_due(trial: Run, tmp_path: Path) -> None:
    found = visits(trial, tmp_path, "--lock", "2021-12-31")
    assert [row["test NPM1"] for row in found if (row["patient"], row["visit"]) == ("A", "Y1")] == ["not due"]


def test_each_test_of_a_visit_is_counted_over_patients(trial: Run, tmp_path: Path) -> None:
    out = trial("trial", "visits", "--schedule", tmp_path / "schedule.csv").out
    assert "- EOT, NPM1: of 5 patients 3 evaluable, 2 missing" in out
    assert "- EOT, flow: of 5 patients 3 not tested, 2 missing" in out


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        pytest.param("visit,day\nC1,28\n", "schedule.csv:1: is not a table 'schedule'", id="columns"),
        pytest.param("visit,day,before,after\nC1,,7,7\n", "schedule.csv:2: column 'day' is empty.", id="no-day"),
        pytest.param(
            "visit,day,before,after\nC1,28,-7,7\n", "schedule.csv:2: column 'before' holds '-7'", id="negative"
        ),
        pytest.param(
            "visit,day,before,after,tests\nC1,28,7,7,flwo\n",
            "schedule.csv:2: expects 'flwo', which is neither a technique nor a marker of any patient.",
            id="unknown-test",
        ),
        pytest.param(
            "visit,day,before,after\nC1,28,7,7\nC1,30,7,7\n",
            "schedule.csv:3: plans visit 'C1' again (first on line 2).",
            id="twice",
        ),
        pytest.param("visit,day,before,after\n", "plans no visit.", id="empty"),
    ],
)
def test_a_bad_schedule_is_refused_with_its_line(trial: Run, tmp_path: Path, schedule: str, message: str) -> None:
    (tmp_path / "schedule.csv").write_text(schedule, encoding="utf-8")
    outcome = trial("trial", "visits", "--schedule", tmp_path / "schedule.csv")
    assert outcome.status == 1
    assert message in outcome.err


YAML = """\
# days from the start of 7+3
visits:
  - {visit: EOT, day: 90, before: 14, after: 14, tissue: BM, tests: [NPM1, flow]}
  - visit: FU1
    day: 180
    before: 14
    after: 14
    tissue: BM
    tests: NPM1
  - {visit: Y1, day: 365, before: 30, after: 30, tests: [NPM1]}
"""


def test_a_schedule_in_yaml_says_the_same(trial: Run, tmp_path: Path) -> None:
    (tmp_path / "schedule.yaml").write_text(YAML, encoding="utf-8")
    tables = [
        rows(trial("trial", "visits", "--schedule", tmp_path / name, "--format", "json"))
        for name in ("schedule.csv", "schedule.yaml")
    ]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("visits: [", "schedule.yaml:1: is not YAML (", id="no-yaml"),
        pytest.param("- visit: C1\n", "schedule.yaml:1: is not a schedule: it needs one list 'visits'.", id="no-list"),
        pytest.param("visits: [C1]\n", "schedule.yaml:1: holds something else where a visit", id="no-fields"),
        pytest.param(
            "visits:\n  - {visit: C1, days: 28}\n",
            "schedule.yaml:2: has the field 'days', which no visit has. The fields are visit, day, before, after",
            id="unknown-field",
        ),
        pytest.param(
            "visits:\n  - visit: C1\n    visit: C2\n", "schedule.yaml:3: has the field 'visit' twice", id="field-twice"
        ),
        pytest.param(
            "visits:\n  - {visit: C1, day: {from: 1}}\n", "schedule.yaml:2: holds fields within", id="nested-field"
        ),
        pytest.param(
            "visits:\n  - {visit: C1, before: 7, after: 7}\n", "schedule.yaml:2: column 'day' is empty.", id="no-day"
        ),
        pytest.param(
            "visits:\n  - {visit: C1, day: x, before: 7, after: 7}\n",
            "schedule.yaml:2: column 'day' holds 'x'",
            id="no-number",
        ),
        pytest.param("visits: []\n", "schedule.yaml: plans no visit.", id="empty"),
    ],
)
def test_a_bad_schedule_in_yaml_is_refused_with_its_line(trial: Run, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "schedule.yaml").write_text(text, encoding="utf-8")
    outcome = trial("trial", "visits", "--schedule", tmp_path / "schedule.yaml")
    assert outcome.status == 1
    assert message in " ".join(outcome.err.split())


def test_the_template_of_a_schedule_can_be_used(trial: Run, tmp_path: Path) -> None:
    text = trial("trial", "schedule").out
    assert text == trial("formats", "--template", "schedule").out
    *legend, example = text.rstrip("\n").split("\n")
    (tmp_path / "schedule.csv").write_text("\n".join([*legend, example.removeprefix("# ")]) + "\n", encoding="utf-8")
    assert {row["visit"] for row in visits(trial, tmp_path) if row["visit"]} == {"C2"}


def test_a_schedule_is_not_ingested(trial: Run, tmp_path: Path) -> None:
    outcome = trial("ingest", tmp_path / "schedule.csv")
    assert outcome.status == 1
    assert "is a schedule of visits and holds no result" in outcome.err


# --- survival ---------------------------------------------------------------------------------------------------------


def steps(run: Run, *options: object) -> list[tuple[Any, ...]]:
    found = rows(run("trial", "survival", "--format", "json", *options))
    return [(row["group"], row["day"], row["at_risk"], row["events"], round(row["survival"], 4)) for row in found]


def test_overall_survival_by_hand(trial: Run) -> None:
    # A 365+, B 260, C 40, D 500+: 3/4, then 3/4 x 2/3.
    assert steps(trial, "--endpoint", "os") == [
        ("all", 0, 4, 0, 1.0),
        ("all", 40, 4, 1, 0.75),
        ("all", 260, 3, 1, 0.5),
        ("all", 365, 2, 0, 0.5),
        ("all", 500, 1, 0, 0.5),
    ]


def test_a_landmark_fixes_the_groups_and_the_start(trial: Run) -> None:
    # Relapse-free at day 100: A (positive on day 90; day 365+), B (negative; relapse on day 200), D (low level; relapse on day 500).
    assert steps(trial, "--by", "mrd", "--landmark", 100) == [
        ("MRD negative", 0, 2, 0, 1.0),
        ("MRD negative", 100, 2, 1, 0.5),
        ("MRD negative", 400, 1, 1, 0.0),
        ("MRD positive", 0, 1, 0, 1.0),
        ("MRD positive", 265, 1, 0, 1.0),
    ]


def test_who_is_left_out_by_the_landmark_is_named(trial: Run) -> None:
    remarks = json.loads(trial("trial", "survival", "--by", "mrd", "--landmark", 210, "--format", "json").out)[
        "remarks"
    ]
    assert "B is left out: event on day 200, not after the landmark" in remarks


def test_without_a_landmark_the_bias_is_said(trial: Run) -> None:
    assert "immortal time" in trial("trial", "survival", "--by", "mrd").out
    assert "immortal time" not in trial("trial", "survival", "--by", "mrd", "--landmark", 100).out


def test_the_log_rank_test_is_named_with_its_counts(trial: Run) -> None:
    # B and D (negative) have events on days 100 and 400 of the landmark, A (positive) none: 2/3 + 1 expected, variance 2/9,
    # chi-squared (2 - 5/3)^2 / (2/9) = 0.5.
    options = ("--by", "mrd", "--landmark", 100)
    found = json.loads(trial("trial", "survival", *options, "--format", "json").out)
    test = found["log_rank"]
    assert [(g["name"], g["patients"], g["events"], round(g["expected"], 4)) for g in test["groups"]] == [
        ("MRD negative", 2, 2, 1.6667),
        ("MRD positive", 1, 0, 0.3333),
    ]
    assert (round(test["statistic"], 4), test["df"], round(test["p"], 4)) == (0.5, 1, 0.4795)
    assert "Log-rank test" in [item["title"] for item in found["definitions"]]
    text = " ".join(trial("trial", "survival", *options).out.split())
    assert (
        "p = 0.48 (log-rank test, chi-squared 0.50, df 1). MRD negative: 2 events (1.67 expected) in 2 patients" in text
    )
    assert "fewer than 5 events are expected in MRD negative, MRD positive; the p value is rough" in text
    assert "Assumes that groups are fixed before time counts" in text


def test_groups_that_depend_on_the_outcome_are_not_tested(trial: Run) -> None:
    found = json.loads(trial("trial", "survival", "--by", "mrd", "--format", "json").out)
    assert "log_rank" not in found
    assert any("No log-rank test: the groups are not fixed" in remark for remark in found["remarks"])


def test_groups_without_a_category_are_not_tested(trial: Run) -> None:
    found = json.loads(trial("trial", "survival", "--by", "risk", "--endpoint", "os", "--format", "json").out)
    assert "No log-rank test: there are fewer than two groups." in found["remarks"]


def test_a_workbook_has_a_sheet_of_the_test(trial: Run, tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "s.xlsx"
    assert trial("trial", "survival", "--by", "mrd", "--landmark", 100, "-o", path).status == 0
    sheet = openpyxl.load_workbook(path)["Log-rank test"]
    assert [cell.value for cell in sheet[2]][:5] == ["MRD negative", 2, 1, 2, pytest.approx(5 / 3)]


def test_groups_by_risk_keep_the_not_assessable_apart(trial: Run) -> None:
    assert {group for group, *_ in steps(trial, "--by", "risk", "--endpoint", "os")} == {"not assessable"}


def test_the_cohort_page_groups_by_the_same_rule(trial: Run, tmp_path: Path) -> None:
    # A ends negative at 5e-5, D at low level, B in MRD relapse.
    assert trial("report", "--cohort", "-o", tmp_path / "cohort").status == 0
    page = (tmp_path / "cohort" / "index.html").read_text(encoding="utf-8")
    assert "MRD negative" in page
    assert "MRD positive" in page


# --- long form and forms of output ------------------------------------------------------------------------------------


def test_the_long_form_is_one_row_per_visit_and_parameter(trial: Run, tmp_path: Path) -> None:
    found = rows(trial("trial", "long", "--schedule", tmp_path / "schedule.csv", "--format", "json"))
    own = [row for row in found if row["USUBJID"] == "A"]
    assert [(row["VISIT"], row["VISITNUM"], row["ADT"], row["ADY"], row["AVAL"], row["AVALC"]) for row in own] == [
        ("EOT", 1, "2021-04-04", 91, 0.05, "0.05"),
        ("FU1", 2, "2021-07-03", 181, None, "<5e-05"),
        ("Y1", 3, "", None, None, ""),
        ("UNSCHEDULED", None, "2021-01-01", -3, 0.5, "0.5"),
        ("UNSCHEDULED", None, "2021-10-01", 271, None, "<5e-05"),
    ]
    assert [row["LBREASND"] for row in own] == ["", "", "NO SAMPLE: no sample in the window", "", ""]
    assert {row["BASE"] for row in own} == {0.5}
    assert {len(row["PARAMCD"]) for row in found} == {8}


def test_without_a_schedule_the_phase_is_the_visit(trial: Run) -> None:
    found = rows(trial("trial", "long", "--format", "json"))
    assert [row["VISIT"] for row in found if row["USUBJID"] == "D"] == ["diagnosis", "end_of_treatment", "follow_up"]


@pytest.mark.parametrize("command", ["visits", "endpoints", "survival", "long"])
def test_every_table_has_every_form(trial: Run, tmp_path: Path, command: str) -> None:
    import openpyxl
    import pandas as pd

    options = ["--schedule", tmp_path / "schedule.csv"] if command == "visits" else []
    expected = rows(trial("trial", command, *options, "--format", "json"))
    for ending in ("csv", "tsv", "json", "xlsx", "parquet"):
        path = tmp_path / f"{command}.{ending}"
        assert trial("trial", command, *options, "-o", path).status == 0
        assert path.stat().st_mode & 0o077 == 0
    book = openpyxl.load_workbook(tmp_path / f"{command}.xlsx")
    assert book.sheetnames[:2] == [command.capitalize(), "Columns"]
    assert book.worksheets[0].max_row == len(expected) + 1
    assert len(pd.read_parquet(tmp_path / f"{command}.parquet")) == len(expected)
    with (tmp_path / f"{command}.tsv").open(encoding="utf-8") as handle:
        assert list(csv.DictReader(handle, delimiter="\t").fieldnames or []) == list(expected[0])


def test_definitions_are_a_sheet_and_a_key(trial: Run, tmp_path: Path) -> None:
    import openpyxl

    assert trial("trial", "endpoints", "-o", tmp_path / "e.xlsx").status == 0
    assert "Definitions" in openpyxl.load_workbook(tmp_path / "e.xlsx").sheetnames
    document = json.loads(trial("trial", "endpoints", "--format", "json").out)
    assert {item["name"] for item in document["definitions"]} > {"rfs", "os", "mrd_negativity", "best_reduction"}
    assert all(item["source"] for item in document["definitions"])


def test_csv_holds_rows_alone_and_definitions_go_beside(trial: Run) -> None:
    outcome = trial("trial", "endpoints", "--format", "csv")
    assert [row["patient"] for row in csv.DictReader(io.StringIO(outcome.out))] == list("ABCDE")
    assert "- Overall survival: from day 0" in outcome.err


def test_a_workbook_needs_a_file(trial: Run) -> None:
    assert trial("trial", "endpoints", "--format", "xlsx").status == 2


def test_cells_are_safe_for_spreadsheets(run: Run, tmp_path: Path) -> None:
    ingest(run, tmp_path, levels("=1+1,S,50 %,2021-01-01,diagnosis\n"), "evil.csv")
    assert run("trial", "long", "--format", "csv").out.splitlines()[1].startswith("'=1+1,")
