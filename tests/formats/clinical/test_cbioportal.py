"""cBioPortal's timeline and clinical tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import Event, EventType, PatientInfo, SampleInfo, Time, Tissue

Write = Callable[..., Path]
HEADER = "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tAGENT\tSAMPLE_ID"
CLINICAL = ("#Id\tSex", "#Id\tSex", "#STRING\tSTRING", "#1\t1")


def test_treatment_in_days_from_diagnosis(write: Write) -> None:
    [record] = read(write("data_timeline.txt", HEADER, "P1\t-3\t20\tTREATMENT\tcytarabine\t")).records
    assert isinstance(record, Event)
    assert (record.type, record.name, record.drugs) == (EventType.TREATMENT, "cytarabine", ("cytarabine",))
    assert (record.start, record.end) == (Time.day(-3, anchor="diagnosis"), Time.day(20, anchor="diagnosis"))


def test_specimen_that_names_its_sample_is_a_sample(write: Write) -> None:
    [record] = read(write("t.txt", HEADER, "P1\t10\t\tSPECIMEN\t\tS1")).records
    assert record == SampleInfo("P1", "S1", Time.day(10, anchor="diagnosis"), line=2)


def test_a_timeline_of_specimens_without_stop_dates(write: Write) -> None:
    header = "PATIENT_ID\tSTART_DATE\tEVENT_TYPE\tSPECIMEN_REFERENCE_NUMBER\tSPECIMEN_SITE\tSPECIMEN_TYPE\tSOURCE"
    path = write(
        "t.txt", header, "P1\t0\tSPECIMEN\tP1-01\tbone marrow\ttissue\tH", "P1\t50\tSPECIMEN\tP1-02\tlung\ttissue\tH"
    )
    assert read(path).records == (
        SampleInfo("P1", "P1-01", Time.day(0, anchor="diagnosis"), Tissue.BM, line=2),
        SampleInfo("P1", "P1-02", Time.day(50, anchor="diagnosis"), line=3),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("P1\t\t\tSTATUS\t\t", "'START_DATE' is empty"),
        ("P1\t5\t2\tSTATUS\t\t", "before it starts"),
        ("P1\t5.5\t\tSTATUS\t\t", "whole number of days"),
    ],
)
def test_wrong_row_is_refused(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write("t.txt", HEADER, row))


def test_patients_stand_below_four_lines_of_comment(write: Write) -> None:
    reading = read(write("t.txt", *CLINICAL, "PATIENT_ID\tSEX\tOS_MONTHS", "P1\tFemale\t12"))
    assert reading.records == (PatientInfo("P1", sex="F", line=6),)
    assert reading.info.notes == ("columns not read: OS_MONTHS",)


def test_samples_without_a_time(write: Write) -> None:
    assert read(write("t.txt", *CLINICAL, "PATIENT_ID\tSAMPLE_ID", "P1\tS1")).records == (
        SampleInfo("P1", "S1", line=6),
    )


def test_meta_file_is_refused_with_the_way_on(write: Write) -> None:
    with pytest.raises(FormatError, match="ingest the file it names as data_filename"):
        read(write("meta.txt", "cancer_study_identifier: x", "datatype: TIMELINE"))
