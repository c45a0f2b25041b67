"""The files of the reference case say what the letter prints (Exp Hematol Oncol 2022;11:67), and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from moltrack import resources
from moltrack.formats import read
from moltrack.model import (
    Call,
    CopyNumber,
    Event,
    Fusion,
    Itd,
    Measured,
    PatientInfo,
    Reported,
    Result,
    SampleInfo,
    SmallVariant,
    TimeScale,
)
from moltrack.quantity import canonical_level


@pytest.fixture(scope="module")
def folder() -> Path:
    return resources.examples_dir()


def calls_in(path: Path, sample: str) -> dict[str, Call]:
    found = {}
    for record in read(path).records:
        if isinstance(record, Call) and record.sample == sample:
            finding = record.finding
            if isinstance(finding, Fusion):
                found[f"{finding.gene5}::{finding.gene3}"] = record
            elif isinstance(finding, Measured):
                found[finding.name] = record
            elif isinstance(finding, Reported):
                found[finding.topic] = record
            elif isinstance(finding, Itd | CopyNumber):
                found[finding.gene] = record
    return found


@pytest.mark.parametrize(
    ("file", "sample", "name", "text", "level"),
    [
        ("fish.csv", "diagnosis", "TP53", "72%", 0.72),
        ("fish.csv", "d17", "TP53", "9%", 0.09),
        ("itd.csv", "diagnosis", "FLT3", "59.4%", 0.594),
        ("itd.csv", "d17", "FLT3", "5.9%", 0.059),
        ("measurements.csv", "before_infusion", "blasts", "20%", 0.20),
        ("measurements.csv", "before_infusion", "MFC-MRD", "12.9%", 0.129),
        ("measurements.csv", "before_infusion", "CD7", "95.6%", 0.956),
        ("measurements.csv", "d17", "blasts", "0%", 0.0),
        ("measurements.csv", "d17", "MFC-MRD", "2.5 × 10^-4", 0.00025),
        ("measurements.csv", "d17", "SKAP2::RUNX1", "3.0%", 0.03),
        ("measurements.csv", "d14", "CD7 CAR transgene", "183,945", 183945),
        ("measurements.csv", "d28", "CD7 CAR transgene", "5,084", 5084),
    ],
)
def test_printed_level(folder: Path, file: str, sample: str, name: str, text: str, level: float) -> None:
    [printed] = calls_in(folder / file, sample)[name].levels
    assert printed.text == text
    assert canonical_level(printed) == level


@pytest.mark.parametrize(
    ("file", "sample", "name"),
    [
        ("itd.csv", "before_infusion", "FLT3"),
        ("measurements.csv", "relapse", "SKAP2::RUNX1"),
        ("measurements.csv", "before_infusion", "SKAP2::RUNX1"),
    ],
)
def test_positive_has_no_level(folder: Path, file: str, sample: str, name: str) -> None:
    call = calls_in(folder / file, sample)[name]
    assert (call.result, call.levels, call.limits) == (Result.POSITIVE, (), ())


def test_asxl1_has_the_printed_vaf_from_illustrative_reads(folder: Path) -> None:
    [call] = [
        record for record in read(folder / "diagnosis.illustrative.mutect2.vcf").records if isinstance(record, Call)
    ]
    assert isinstance(call.finding, SmallVariant)
    assert call.finding.gene == "ASXL1"
    assert canonical_level(call.levels[0]) == 0.06


def test_illustrative_techniques_are_marked(folder: Path) -> None:
    marked = [
        calls_in(folder / "fish.csv", "diagnosis")["TP53"],
        calls_in(folder / "itd.csv", "diagnosis")["FLT3"],
        calls_in(folder / "itd.csv", "d17")["FLT3"],
        calls_in(folder / "measurements.csv", "d17")["SKAP2::RUNX1"],
    ]
    assert all("illustrative" in call.notes[0] for call in marked)


def test_no_limit_and_no_coverage_is_declared(folder: Path) -> None:
    records = [
        record
        for file in ("fish.csv", "itd.csv", "measurements.csv", "assays.yaml")
        for record in read(folder / file).records
    ]
    assert all(not getattr(record, "limits", ()) and not getattr(record, "covers", ()) for record in records)


def test_reported_conclusions(folder: Path) -> None:
    found = {
        sample: {topic: call.finding.conclusion for topic, call in calls_in(folder / "reported.csv", sample).items()}
        for sample in ("diagnosis", "d17", "post_hsct")
    }  # type: ignore[union-attr]
    assert found == {
        "diagnosis": {"karyotype": "complex"},
        "d17": {"karyotype": "normal"},
        "post_hsct": {"MRD": "negative"},
    }


def test_patient_is_a_girl_of_17(folder: Path) -> None:
    [patient] = [record for record in read(folder / "patients.csv").records if isinstance(record, PatientInfo)]
    assert (patient.sex, patient.age) == ("F", 17)


def test_only_the_diagnosis_has_a_date(folder: Path) -> None:
    samples = [record for record in read(folder / "samples.csv").records if isinstance(record, SampleInfo)]
    dated = {sample.sample: str(sample.time) for sample in samples if sample.time.scale is TimeScale.CALENDAR}
    assert dated == {"diagnosis": "2021-05"}


def test_day_zero_is_the_first_infusion(folder: Path) -> None:
    events = [record for record in read(folder / "events.csv").records if isinstance(record, Event)]
    [anchor] = [event for event in events if event.is_anchor]
    assert (anchor.name, anchor.start.day_first, anchor.dose) == ("first CD7 CAR-T infusion", 0, "1e6")
    assert len(events) == 22


def test_manifest_lists_every_file_of_the_case(folder: Path) -> None:
    from moltrack.manifest import read_manifest

    listed = {job.path.name for job in read_manifest(folder / "manifest.csv")}
    assert listed == {path.name for path in folder.iterdir() if path.suffix != ".md"} - {"manifest.csv"}
