"""Clinical tables and FISH: real files are read, or refused in one true sentence. Expected values are read off the files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import Call, Change, CopyNumber, Event, Fusion, PatientInfo, Result, SampleInfo

FISH = "E_fish/TCGA_LAML_fish.tsv"


@pytest.fixture(scope="module")
def fish(real_files: Path) -> list[Call]:
    return [record for record in read(real_files / "files" / FISH).records if isinstance(record, Call)]


def of_patient(calls: list[Call], patient: str) -> list[tuple[object, Result | None, str]]:
    return [(call.finding, call.result, call.levels[0].text) for call in calls if call.patient == patient]


def dual(one: str, two: str) -> Fusion:
    return Fusion(one, two, ordered=False)


def split(gene: str) -> Fusion:
    return Fusion(gene, "", ordered=False, rearranged_only=True)


def test_level_over_background_that_the_laboratory_calls_normal(fish: list[Call]) -> None:
    assert of_patient(fish, "TCGA-AB-2804") == [(dual("PML", "RAR"), Result.NEGATIVE, "9")]


def test_three_probes_of_one_patient(fish: list[Call]) -> None:
    assert of_patient(fish, "TCGA-AB-2815") == [
        (dual("BCR", "ABL"), None, "4"),
        (dual("PML", "RAR"), None, "1"),
        (split("CBFB"), None, "59"),
    ]


def test_single_gain(fish: list[Call]) -> None:
    assert of_patient(fish, "TCGA-AB-2821") == [
        (CopyNumber(Change.GAIN, chrom="8", probe="+8", nomenclature="+8"), Result.POSITIVE, "57")
    ]


def test_monosomy_or_deletion_is_not_told_apart(fish: list[Call]) -> None:
    found = [call for call in fish if call.patient == "TCGA-AB-2829" and isinstance(call.finding, CopyNumber)]
    assert [
        (call.finding.chrom, call.finding.probe, call.levels[0].text)
        for call in found
        if isinstance(call.finding, CopyNumber)
    ] == [("", "-7 or del(7q)", "10"), ("5", "-5 or del(5q)", "20")]
    assert all("not told which" in call.notes[0] for call in found)


def test_every_component_is_a_call_or_a_named_refusal(real_files: Path, fish: list[Call]) -> None:
    reading = read(real_files / "files" / FISH)
    cells = [line.split("\t")[4] for line in (real_files / "files" / FISH).read_text().split("\n")[1:] if line]
    components = Counter(name.strip() for cell in cells if cell not in {"null", ""} for name in cell.split("|"))
    assert len(fish) == sum(components.values()) - components["Other"]
    assert len(reading.refused) == components["Other"]


@pytest.mark.parametrize(
    ("file", "form", "record", "number"),
    [
        ("G_cbioportal/incremental_data_timeline.txt", "cbioportal_timeline", Event, 4),
        ("G_cbioportal/study_es_0_data_clinical_patients.txt", "cbioportal_patients", PatientInfo, 841),
        ("G_cbioportal/study_es_0_data_clinical_samples.txt", "cbioportal_samples", SampleInfo, 845),
    ],
)
def test_cbioportal(real_files: Path, file: str, form: str, record: type, number: int) -> None:
    reading = read(real_files / "files" / file)
    assert reading.format.name == form
    assert sum(isinstance(item, record) for item in reading.records) == number


def test_timeline_counts_days_from_diagnosis(real_files: Path) -> None:
    first = read(real_files / "files" / "G_cbioportal/incremental_data_timeline.txt").records[0]
    assert isinstance(first, Event)
    assert (first.patient, str(first.start), str(first.end)) == (
        "TCGA-A1-A0SB",
        "day 20 from diagnosis",
        "day 60 from diagnosis",
    )


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("G_cbioportal/incremental_meta_timeline.txt", "ingest the file it names as data_filename"),
        ("G_clinical/maftools_tcga_laml_annot.tsv", "no result of a test"),
    ],
)
def test_refused_in_one_sentence(real_files: Path, file: str, sentence: str) -> None:
    with pytest.raises(FormatError, match=sentence):
        read(real_files / "files" / file)
