"""Risk, response and MRD status of every sample as columns of the longitudinal table."""

from __future__ import annotations

from typing import Any

import pytest

from moltrack.errors import UnknownError
from moltrack.model import (
    Counts,
    Event,
    EventType,
    Marker,
    MarkerKind,
    Measured,
    Observation,
    PatientInfo,
    PatientRecords,
    Phase,
    SampleInfo,
    Status,
    Technique,
    Time,
    Tissue,
)
from moltrack.timeline import COMPUTED_COLUMNS, TABLE_COLUMNS, Timeline

BLASTS = Marker("blasts", MarkerKind.BLASTS, "blasts", finding=Measured(MarkerKind.BLASTS, "blasts"))
ANC = Marker("ANC", MarkerKind.ANALYTE, "ANC", finding=Measured(MarkerKind.ANALYTE, "ANC"))
PLATELETS = Marker("platelets", MarkerKind.ANALYTE, "platelets", finding=Measured(MarkerKind.ANALYTE, "platelets"))
NPM1 = Marker("NPM1 type A", MarkerKind.SMALL_VARIANT, "NPM1 type A", ("NPM1",), ("NPM1",))
CLEAR = Marker("extramedullary disease", MarkerKind.REPORTED, "extramedullary disease (as reported)")
GOOD = Marker("marrow quality", MarkerKind.REPORTED, "marrow quality (as reported)")


def sample(name: str, day: int, phase: str, tissue: Tissue = Tissue.BM) -> SampleInfo:
    return SampleInfo("P", name, Time.day(day, anchor="start"), tissue, Phase.parse(phase))


DIAGNOSIS = sample("dx", -3, "diagnosis")
END = sample("end", 120, "end_of_treatment")
BLOOD = sample("blood", 124, "follow_up", Tissue.PB)


def seen(marker: Marker, where: SampleInfo, level: float | None, **more: Any) -> Observation:
    status = Status.DETECTED if level or "text" in more else Status.NOT_DETECTED
    return Observation("P", where.sample, marker.id, "lab", where.tissue and more.pop("technique", Technique.LABORATORY),
                       where.tissue, status, level=level, **more)  # fmt: skip


def patient(*events: Event) -> PatientRecords:
    """CR at the end of treatment by marrow and the counts of four days later, with NPM1 not detected."""
    start = Event(EventType.TREATMENT, "start", Time.day(0, anchor="start"), patient="P", is_anchor=True)
    observations = (
        seen(BLASTS, DIAGNOSIS, 0.6, quantity="cell_fraction"),
        seen(BLASTS, END, 0.02, quantity="cell_fraction"),
        seen(BLASTS, BLOOD, 0.0, quantity="cell_fraction"),
        seen(ANC, BLOOD, 1.4, quantity="analyte", printed="1.4 10^9/L"),
        seen(PLATELETS, BLOOD, 150, quantity="analyte", printed="150 10^9/L"),
        seen(CLEAR, END, None),
        seen(GOOD, END, None, text="adequate"),
        seen(
            NPM1,
            END,
            None,
            quantity="normalized_copies",
            technique=Technique.QPCR,
            counts=Counts(control_copies=50_000),
        ),
    )
    markers = (BLASTS, ANC, PLATELETS, NPM1, CLEAR, GOOD)
    return PatientRecords(PatientInfo("P"), (DIAGNOSIS, END, BLOOD), (start, *events), markers, observations)


RECORDED = Event(EventType.RESPONSE, "CRi", Time.day(121, anchor="start"), patient="P", recorded_by="ward")


def test_every_row_of_a_sample_carries_its_verdicts() -> None:
    [row] = [row for row in Timeline(patient(RECORDED)).rows() if (row["sample"], row["label"]) == ("end", "blasts")]
    assert {name: row[name] for name in COMPUTED_COLUMNS} == {
        "risk": "NA{F,I,A}",
        "response": "CR without MRD",
        "response_recorded": "CRi, day 121 from start, by ward",
        "mrd": "NPM1 type A by qPCR, BM: negative at 2e-5",
    }


def test_what_cannot_be_judged_at_a_sample_is_empty() -> None:
    [row] = [row for row in Timeline(patient()).rows() if row["sample"] == "dx"]
    assert [row[name] for name in COMPUTED_COLUMNS] == ["NA{F,I,A}", "", "", ""]


def test_the_columns_stand_in_the_contract() -> None:
    assert list(Timeline(patient()).table().columns) == list(TABLE_COLUMNS)
    assert tuple(TABLE_COLUMNS)[-4:] == COMPUTED_COLUMNS


def test_the_wide_table_ends_with_the_verdicts() -> None:
    last = Timeline(patient()).wide().tail(4)
    assert list(last["marker"]) == list(COMPUTED_COLUMNS)
    assert list(last["end"]) == ["NA{F,I,A}", "CR without MRD", "", "NPM1 type A by qPCR, BM: negative at 2e-5"]


def test_a_smaller_window_leaves_the_counts_of_another_day_out() -> None:
    [verdict] = Timeline(patient(), window_days=3).responses
    assert verdict.text == "NA{CR,CRh,CRi,MLFS,no response}"
    assert "Values within 3 days of the sample count as one assessment." in verdict.guideline_note


def test_guidelines_can_be_chosen() -> None:
    line = Timeline(patient())
    assert [verdict.ruleset for verdict in line.response("eln2017")] == ["response_eln2017"]
    [status] = line.mrd_status("david2025dev", at="end")
    assert (status.category, "development_version" in status.flags) == ("optimal (negative at 2e-5)", True)


def test_an_unknown_sample_is_named() -> None:
    with pytest.raises(UnknownError, match=r"patient P has no sample 'x' \(dx, end, blood\)"):
        Timeline(patient()).response(at="x")
