"""Coverage from depth files and BED."""

from __future__ import annotations

import gzip

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, detect
from moltrack.formats import read as read_file

BUILD = ReadOptions(genes="all", build="GRCh38")


def spans(reading):
    return [(c.chrom, c.start, c.end, c.counts.depth) for c in reading.records]


def test_per_base_depth_is_joined_by_class(write):
    """120 and 150 lie between 100 and 200: joined at 120."""
    path = write(
        "s.per-base.bed", "chr13\t0\t100\t0", "chr13\t100\t150\t120", "chr13\t150\t200\t150", "chr13\t200\t300\t700"
    )
    reading = read_file(path, BUILD)
    assert reading.format.name == "mosdepth_per_base"
    assert spans(reading) == [("13", 0, 100, 0), ("13", 100, 200, 120), ("13", 200, 300, 700)]
    assert [c.evaluable for c in reading.records] == [False, True, True]


def test_only_the_genes_asked_for(write):
    """FLT3 begins at 28,003,273 on GRCh38; 1,000 bases beside a gene count as its own."""
    path = write(
        "s.per-base.bed", "chr13\t0\t28010000\t500", "chr13\t28010000\t28020000\t1800", "chr13\t28020000\t90000000\t9"
    )
    reading = read_file(path, ReadOptions(build="GRCh38"))
    assert all(start >= 28002000 for chrom, start, *_ in spans(reading) if chrom == "13")
    assert ("13", 28010000, 28020000, 1800) in spans(reading)


def test_mean_depth_of_regions(tmp_path):
    path = tmp_path / "s.regions.bed.gz"
    path.write_bytes(gzip.compress(b"chr13\t100\t200\texon20\t845.20\nchr13\t300\t400\texon14\t0.00\n"))
    reading = read_file(path, BUILD)
    assert reading.format.name == "mosdepth_regions"
    assert [(c.name, c.counts.depth, c.note) for c in reading.records] == [
        ("exon20", 845.2, "mean depth of the region"),
        ("exon14", 0.0, "mean depth of the region"),
    ]


def test_thresholds_give_the_depth_that_every_base_reaches(write):
    path = write(
        "s.thresholds.bed",
        "#chrom\tstart\tend\tregion\t1X\t100X\t500X",
        "13\t100\t200\texon20\t100\t100\t62",
        "13\t300\t400\texon14\t99\t0\t0",
    )
    reading = read_file(path, BUILD)
    assert reading.format.name == "mosdepth_thresholds"
    assert [(c.counts.depth, c.evaluable, c.note) for c in reading.records] == [
        (100, True, "every base reaches this depth"),
        (0, False, "some bases stay below 1"),
    ]


def test_samtools_depth(write):
    reading = read_file(write("depth.txt", "13\t100\t55", "13\t101\t60", "13\t105\t60"), BUILD)
    assert reading.format.name == "samtools_depth"
    assert spans(reading) == [("13", 99, 101, 55), ("13", 104, 105, 60)]


def test_bed_declares_regions_without_depth(write):
    reading = read_file(
        write("panel.bed", "track name=panel", "chr13\t100\t200\tFLT3_ex20", "chr5\t300\t400\tNPM1"), BUILD
    )
    assert reading.format.name == "bed"
    assert [(c.name, c.line, c.counts.depth) for c in reading.records] == [("FLT3_ex20", 2, None), ("NPM1", 3, None)]


def test_build_must_be_said(write):
    with pytest.raises(
        FormatError, match=r"^panel.bed: does not say its genome build. Give --build GRCh37 or GRCh38.$"
    ):
        read_file(write("panel.bed", "chr13\t100\t200"))


def test_bad_row_is_refused_with_its_line(write):
    reading = read_file(write("panel.bed", "chr13\t100\t200", *["chr13\t100\t300"] * 60, "chr13\t400\t350"), BUILD)
    assert [(r.line, r.reason) for r in reading.refused] == [(62, "'chr13\t400\t350' is not a row of this format.")]


def test_table_of_three_numbers_is_not_taken_for_depth(write):
    with pytest.raises(FormatError, match="is not a file that moltrack knows"):
        detect(write("x.txt", "a\t9\t3", "b\t4\t2"))
