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


def test_bed_between_spaces(write):
    reading = read_file(write("panel.bed", "chr13 100 200 FLT3", "chr5 300 400 NPM1"), BUILD)
    assert [(c.name, c.chrom, c.start) for c in reading.records] == [("FLT3", "13", 100), ("NPM1", "5", 300)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("chr13\t100\t200\tFLT3\t0\t+", id="BED6"),
        pytest.param("chr13\t100\t200\tFLT3\t1000\t-\t120\t180\t255,0,0\t2\t40,50,\t0,50,", id="BED12"),
        pytest.param("chr13\t100\t200\tFLT3\tNM_004119.3\texon20", id="own-columns"),
    ],
)
def test_columns_of_bed_are_no_counts(write, row):
    assert detect(write("panel.bed", row)).name == "bed"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("chr13\t100\t200\tFLT3\t125033", id="samtools-bedcov"),
        pytest.param("chr13\t100\t200\t0", id="samtools-bedcov-of-BED3"),
        pytest.param("chr13\t1\t115169878\t100\t1000\t0.1\t0.01\t36\t60", id="samtools-coverage"),
        pytest.param("chr13\t100\t200\tFLT3\t0\t0\t100\t0.0000000", id="bedtools-coverage"),
        pytest.param("chr13\t100\t200\tFLT3\t1\t1250", id="bedtools-coverage-d"),
        pytest.param("chr13\t100\t200\tF3\tF4\tF5\t900\t1250.33\t100\tS1", id="sambamba"),
    ],
)
def test_counts_by_region_declare_nothing(write, row):
    """A region with a count of 0 was not read: it must not become one where nothing was found."""
    path = write("counts.bed", row)
    with pytest.raises(
        FormatError, match=r"^counts.bed: holds a number for each region that does not say what it counts"
    ):
        read_file(path, BUILD)
    assert read_file(path, ReadOptions(genes="all", build="GRCh38", input_format="bed")).records


def test_bedgraph_without_its_empty_stretches(write):
    """bedtools genomecov -bg: 150 to 160 has no reads, and no row."""
    rows = ("chr13\t100\t120\t9", "chr13\t120\t150\t55", "chr13\t160\t170\t60", "chr13\t170\t180\t20")
    reading = read_file(write("cov.bg", *rows), BUILD)
    assert reading.format.name == "mosdepth_per_base"
    assert spans(reading) == [("13", 100, 120, 9), ("13", 120, 150, 55), ("13", 160, 170, 60), ("13", 170, 180, 20)]


def test_quantized_depth_is_the_lower_end_of_its_class(write):
    reading = read_file(
        write("q.bed", "chr13\t100\t200\t0:1", "chr13\t200\t300\t4:100", "chr13\t300\t400\t100:inf"), BUILD
    )
    assert reading.format.name == "mosdepth_quantized"
    assert spans(reading) == [("13", 100, 200, 0), ("13", 200, 300, 4), ("13", 300, 400, 100)]
    assert [c.evaluable for c in reading.records] == [False, True, True]


@pytest.mark.parametrize(
    ("state", "evaluable"),
    [
        ("CALLABLE", True), ("HIGH_COVERAGE", True), ("LOW_COVERAGE", False), ("NO_COVERAGE", False),
        ("POOR_MAPPING_QUALITY", False), ("EXCESSIVE_COVERAGE", False), ("REF_N", False),
    ],
)  # fmt: skip
def test_a_state_of_too_few_reads_was_not_evaluable(write, state, evaluable):
    [region] = read_file(write("c.bed", f"chr13\t100\t200\t{state}"), BUILD).records
    assert (region.evaluable, region.counts.depth) == (evaluable, None)


DEPTHS = ("#CHROM\tPOS\tDX.bam\tREL.bam", "13\t100\t55\t10", "13\t101\t60\t0")


@pytest.mark.parametrize(
    ("lines", "option"),
    [
        pytest.param(DEPTHS, "REL.bam", id="name"),
        pytest.param(DEPTHS, "2", id="number"),
        pytest.param(DEPTHS[1:], "2", id="number-without-header"),
    ],
)
def test_samtools_depth_of_one_of_several_samples(write, lines, option):
    options = ReadOptions(genes="all", build="GRCh38", tumor_sample=option)
    assert spans(read_file(write("d.txt", *lines), options)) == [("13", 99, 100, 10), ("13", 100, 101, 0)]


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (
            "",
            r"has depths of 2 samples \(DX.bam, REL.bam\) and does not say which is the patient's. Name it, or its number, with",
        ),
        ("X", r"has depths of 2 samples \(DX.bam, REL.bam\), none of them 'X'."),
    ],
)
def test_samtools_depth_of_several_samples_asks_for_one(write, sample, message):
    with pytest.raises(FormatError, match=message):
        read_file(write("d.txt", *DEPTHS), ReadOptions(genes="all", build="GRCh38", tumor_sample=sample))


def test_samtools_depth_with_a_header(write):
    reading = read_file(write("d.txt", "#CHROM\tPOS\tS1.bam", "13\t100\t55", "13\t101\t60"), BUILD)
    assert (reading.format.name, spans(reading)) == ("samtools_depth", [("13", 99, 101, 55)])


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
