"""Kinetics, clones and thresholds of a timeline, for programs."""

from __future__ import annotations

import pytest

from moltrack.model import (
    Counts,
    Event,
    EventType,
    Marker,
    MarkerKind,
    Observation,
    PatientInfo,
    PatientRecords,
    SampleInfo,
    Status,
    Technique,
    Time,
    Tissue,
)
from moltrack.timeline import Timeline

NPM1 = Marker("NPM1", MarkerKind.SMALL_VARIANT, "NPM1 transcript", ("NPM1",), ("NPM1",))
DAYS = (0, 30, 60, 90)


@pytest.fixture
def line() -> Timeline:
    """NPM1 by PCR that doubles every 15 days after a fall: 100 % of ABL1, then 0.05, 0.2 and 0.8 %."""
    samples = tuple(SampleInfo("P01", f"d{day}", Time.day(day), Tissue.BM) for day in DAYS)
    items = tuple(
        Observation(
            "P01",
            sample.sample,
            "NPM1",
            "qpcr",
            Technique.QPCR,
            Tissue.BM,
            Status.DETECTED,
            quantity="normalized_copies",
            denominator="ABL1",
            level=level,
            counts=Counts(copies=level * 1e5, control_copies=1e5),
        )
        for sample, level in zip(samples, (1.0, 0.0005, 0.002, 0.008), strict=True)
    )
    events = (Event(EventType.TREATMENT, "7+3", Time.day(1)),)
    return Timeline(PatientRecords(PatientInfo("P01"), samples, events, (NPM1,), items))


def test_kinetics_have_one_row_per_figure_with_its_samples(line):
    frame = line.kinetics()
    [rise] = frame[frame["figure"] == "doubling_time"].to_dict("records")
    assert rise["value"] == pytest.approx(15)
    assert rise["samples"] == "d30;d60;d90"
    assert rise["method"].startswith("least squares of ln N, days 30 to 90, 3 points")


def test_the_way_to_the_guidelines_threshold_is_projected(line):
    # Low level ends at 2 % (Heuser, Blood 2021;138:2753): 0.8 % on day 90 doubles log2(2.5) = 1.32 times, 19.8 days.
    [row] = line.kinetics().query("figure == 'day at 2 %'").to_dict("records")
    assert row["value"] == pytest.approx(109.8, abs=0.1)
    assert row["method"].startswith("ELN-MRD 2021: MRD at low level below")
    assert row["warning"].startswith("projection of the present course, not a finding")


def test_thresholds_name_their_rule(line):
    [threshold] = line.thresholds
    assert (threshold.level, threshold.rule.split()[0]) == (0.02, "mrd_eln2021")


def test_clones_of_a_timeline(line):
    [marker] = line.clones.markers
    assert (marker.label, marker.first, marker.first_sample) == ("NPM1 transcript", "present", "d0")


def test_a_patient_without_results_has_no_kinetics():
    empty = Timeline(PatientRecords(PatientInfo("P02")))
    assert empty.kinetics().empty
    assert empty.clones.markers == ()
