"""PCR instruments' own files: spot values by row."""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Result, Technique


@pytest.fixture
def files(real_files: Path) -> Path:
    return real_files / "files"


#: line, sample, well, printed level, positives, droplets, and the wild type's positives in the same well
QUANTASOFT = [
    (2, "Dean", "A01", "48.9", 1901, 15820, 1978),
    (3, "Dave", "A05", "55.1", 1638, 13165, 1349),
    (5, "Emily", "C05", "44.8", 90, 14109, 111),
    (6, "Mary", "F05", "54.3", 1098, 15377, 929),
]


@pytest.mark.parametrize(("line", "sample", "well", "percent", "positives", "droplets", "wild"), QUANTASOFT)
def test_quantasoft_fractional_abundance(files, line, sample, well, percent, positives, droplets, wild):
    records = formats.read(files / "F_quantasoft/ddpcr_small.csv").records
    [call] = [call for call in records if call.line == line]
    assert (call.sample, dict(call.extra)["well"], call.technique) == (sample, well, Technique.DPCR)
    assert (call.levels[0].quantity, call.levels[0].value, call.levels[0].unit) == ("vaf", Decimal(percent), "%")
    assert (call.counts.positive_partitions, call.counts.partitions) == (positives, droplets)
    mutant, normal = (-math.log(1 - count / droplets) * droplets for count in (positives, wild))
    assert call.counts.alt == pytest.approx(mutant)
    # the instrument prints the same share, to three digits
    assert call.counts.alt / call.counts.depth == pytest.approx(float(percent) / 100, abs=0.001)
    assert mutant / (mutant + normal) == pytest.approx(call.counts.alt / call.counts.depth)


def test_quantasoft_blank_values_are_refused_row_by_row(files):
    reading = formats.read(files / "F_quantasoft/ddpcr_read_v174_test.csv")
    assert reading.records == ()
    assert [refused.line for refused in reading.refused] == [2, 3, 4, 5]


#: line, well, target, concentration, positives, chambers
ABSOLUTE_Q = [
    (4, "B1", "Gene A", "3.85", 34, 20449),
    (8, "B3", "Gene A", "177.63", 1511, 20456),
    (19, "D4", "Gene B", "1600.77", 10196, 20425),
]


@pytest.mark.parametrize(("line", "well", "target", "concentration", "positives", "chambers"), ABSOLUTE_Q)
def test_absolute_q_concentration(files, line, well, target, concentration, positives, chambers):
    records = formats.read(files / "F_absoluteq/Appbio_AbsoluteQ_example01.csv").records
    [call] = [call for call in records if call.line == line]
    assert (call.finding.name, dict(call.extra)["well"], call.result) == (target, well, Result.POSITIVE)
    assert (call.levels[0].value, call.levels[0].unit) == (Decimal(concentration), "copies/µL")
    # a chamber holds 0.432 nL
    assert call.counts.copies / (chambers * 0.432e-3) == pytest.approx(float(concentration), rel=0.005)


def test_absolute_q_without_a_positive_chamber(files):
    reading = formats.read(files / "F_absoluteq/Appbio_AbsoluteQ_example01.csv")
    assert (len(reading.records), reading.records[0].line, reading.records[0].result) == (16, 3, Result.NEGATIVE)


#: file, line, sample, target, printed cycle, result
CYCLES = [
    ("appbio_quantstudio_example01.txt", 110, "1SAMPLE_1.1", "TARGET_1", "18.717", Result.POSITIVE),
    ("appbio_quantstudio_example01.txt", 114, "5SAMPLE_2.2", "TARGET_1", "20.149", Result.POSITIVE),
    ("appbio_quantstudio_example01.txt", 125, "16SAMPLE_6.1", "TARGET_1", "18.842", Result.POSITIVE),
    ("appbio_quantstudio_example06.txt", 67, "Lung", "TGF-B", "30.155", Result.POSITIVE),
    ("appbio_quantstudio_example06.txt", 69, "Liver", "TGF-B", "29.799", Result.POSITIVE),
    ("appbio_quantstudio_example06.txt", 71, "Liver", "TGF-B", "29.773", Result.POSITIVE),
    ("appbio_quantstudio_example10.xlsx", 31, "Sample_1", "GeneA", "25.5", Result.POSITIVE),
    ("appbio_quantstudio_example10.xlsx", 33, "Sample_2", "GeneA", "26.2", Result.POSITIVE),
    ("appbio_quantstudio_example10.xlsx", 34, "Sample_2", "GeneA", "26.5", Result.POSITIVE),
]


@pytest.mark.parametrize(("name", "line", "sample", "target", "ct", "result"), CYCLES)
def test_quantstudio_has_cycles_and_no_level_without_a_standard_curve(files, name, line, sample, target, ct, result):
    records = formats.read(files / "F_quantstudio" / name).records
    [call] = [call for call in records if call.line == line]
    assert (call.sample, call.finding.name, dict(call.extra)["Ct"], call.result, call.levels) == (
        sample,
        target,
        ct,
        result,
        (),
    )


def test_quantstudio_control_gene_named_below_the_results_is_no_target(files):
    records = formats.read(files / "F_quantstudio/appbio_quantstudio_example06.txt").records
    assert {call.finding.name for call in records} == {"TGF-B"}
    assert len(records) == 5


def test_cfx_without_targets_lists_every_well(files):
    reading = formats.read(files / "F_cfx/cfxmaestro_example01.csv")
    assert (reading.records, len(reading.refused), reading.refused[0].reason) == ((), 48, "well A01 names no target.")


REFUSED = [
    (
        "F_qiacuity/qiacuity_dpcr_example01.csv",
        "the no-template control in well D1 of plate '32432432' is positive for 5p (2095 of 25490 partitions)",
    ),
    ("F_quantstudio/appbio_quantstudio_example03.txt", "is a genotyping run"),
    (
        "F_qxmanager/ddpcr_SMN2v2_20220630_162335_752.csv",
        "holds no well of a sample (8 wells of no-template control, 24 wells of positive control)",
    ),
    (
        "F_qxmanager/ddpcr_SMN2v2_20220630_162335_752_A01_Amplitude.csv",
        "lists the amplitude of every droplet and no result",
    ),
]


@pytest.mark.parametrize(("name", "sentence"), REFUSED)
def test_a_plate_without_a_result_is_refused_in_one_sentence(files, name, sentence):
    with pytest.raises(FormatError) as caught:
        formats.read(files / name)
    assert sentence in str(caught.value)


def test_every_file_of_an_instrument_is_covered_here(files):
    """Read with three spot rows or more, refused as a whole, or (empty export, wells without target) refused by row."""
    spotted = Counter(f"F_quantstudio/{row[0]}" for row in CYCLES)
    spotted["F_quantasoft/ddpcr_small.csv"] = len(QUANTASOFT)
    spotted["F_absoluteq/Appbio_AbsoluteQ_example01.csv"] = len(ABSOLUTE_Q)
    by_row = {"F_quantasoft/ddpcr_read_v174_test.csv", "F_cfx/cfxmaestro_example01.csv"}
    there = {f"{path.parent.name}/{path.name}" for path in files.glob("F_*/*")}
    assert there == {name for name, count in spotted.items() if count >= 3} | by_row | {name for name, _ in REFUSED}
