"""Segment tables of arrays and sequencing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, read
from moltrack.formats.copynumber.segments import Segment, change_of, chromosome
from moltrack.model import Call, Change, CopyNumber, Coverage, CoverageScope, Measured

Write = Callable[..., Path]

ASCAT = "sample\tchr\tstartpos\tendpos\tnMajor\tnMinor"


def copy_numbers(path: Path, **options: str) -> list[tuple[Call, CopyNumber]]:
    records = read(path, ReadOptions(**options)).records  # type: ignore[arg-type]
    return [(r, r.finding) for r in records if isinstance(r, Call) and isinstance(r.finding, CopyNumber)]


@pytest.mark.parametrize(
    ("total", "minor", "change"),
    [
        pytest.param("1", "0", Change.LOSS, id="one-copy"),
        pytest.param("0", "0", Change.LOSS, id="none"),
        pytest.param("2", "1", Change.NORMAL, id="two-copies"),
        pytest.param("2", "0", Change.CN_LOH, id="copy-neutral-loh"),
        pytest.param("3", "1", Change.GAIN, id="three"),
        pytest.param("8", "1", Change.AMPLIFICATION, id="eight"),
        pytest.param("1.4", None, Change.LOSS, id="subclonal-loss"),
        pytest.param("1.6", None, Change.NORMAL, id="less-than-half-a-copy"),
    ],
)
def test_copies_of_an_autosome(total: str, minor: str | None, change: Change) -> None:
    segment = Segment(1, "17", 0, 100, total=Decimal(total), minor=None if minor is None else Decimal(minor))
    assert change_of(segment, sex="") is change


@pytest.mark.parametrize(
    ("chrom", "sex", "total", "change"),
    [
        ("X", "", "1", Change.UNKNOWN),
        ("X", "male", "1", Change.NORMAL),
        ("X", "female", "1", Change.LOSS),
        ("Y", "male", "0", Change.LOSS),
        ("Y", "female", "0", Change.NORMAL),
    ],
)
def test_sex_chromosomes_need_the_sex(chrom: str, sex: str, total: str, change: Change) -> None:
    assert change_of(Segment(1, chrom, 0, 100, total=Decimal(total)), sex=sex) is change


@pytest.mark.parametrize(
    ("log2", "change"),
    [("-0.26", Change.LOSS), ("-0.24", Change.NORMAL), ("0.19", Change.NORMAL), ("0.2", Change.GAIN)],
)
def test_log_ratio_thresholds(log2: str, change: Change) -> None:
    # CNVkit's defaults for a loss and a gain, -0.25 and 0.2.
    assert change_of(Segment(1, "5", 0, 100, log2=Decimal(log2)), sex="") is change


def test_three_copies_are_normal_in_a_triploid_genome() -> None:
    assert change_of(Segment(1, "5", 0, 100, total=Decimal(3), minor=Decimal(1)), sex="", ploidy=3.1) is Change.NORMAL


@pytest.mark.parametrize(("text", "name"), [("chr7", "7"), ("23", "X"), ("chrX", "X"), ("24", "Y"), ("MT", "MT")])
def test_chromosome_names(text: str, name: str) -> None:
    assert chromosome(text) == name


def test_ascat_keeps_changed_segments_with_their_line(write: Write) -> None:
    path = write("s.segments.txt", ASCAT, "S1\t1\t100\t249212878\t1\t1", "S1\t17\t1000\t7500000\t1\t0")
    [(call, finding)] = copy_numbers(path)
    assert (finding.change, finding.chrom, finding.start, finding.end, finding.total, call.line) == (
        Change.LOSS,
        "17",
        999,
        7500000,
        1.0,
        3,
    )
    # chromosome 1 has 249,250,621 bases in GRCh37 and 248,956,422 in GRCh38
    assert finding.build == "GRCh37"


def test_build_that_segments_do_not_tell_is_asked_for(write: Write) -> None:
    path = write("s.segments.txt", ASCAT, "S1\t17\t1000\t7500000\t1\t0")
    with pytest.raises(
        FormatError, match=r"does not state its genome build, and its segments fit in both\. Give --build"
    ):
        read(path)
    assert copy_numbers(path, build="GRCh38")[0][1].build == "GRCh38"


def test_partial_segments_are_no_look_at_the_genome(write: Write) -> None:
    records = read(write("s.txt", ASCAT, "S1\t17\t1000\t7500000\t1\t0"), ReadOptions(build="GRCh38")).records
    assert not [r for r in records if isinstance(r, Coverage)]


def test_segments_over_all_autosomes_are_coverage(write: Write) -> None:
    from moltrack import resources

    rows = [f"S1\t{n}\t1\t{resources.chromosome_length('GRCh38', str(n))}\t1\t1" for n in range(1, 23)]
    records = read(write("s.txt", ASCAT, *rows), ReadOptions(build="GRCh38")).records
    assert [r.scope for r in records if isinstance(r, Coverage)] == [CoverageScope.GENOME_COPY_NUMBER]


def test_cnvkit_start_is_zero_based(write: Write) -> None:
    path = write("s.cns", "chromosome\tstart\tend\tgene\tlog2\tprobes", "chr17\t7000000\t8000000\tTP53\t-0.9\t30")
    [(call, finding)] = copy_numbers(path, build="GRCh38")
    assert (finding.start, finding.end, finding.log2) == (7000000, 8000000, -0.9)
    assert (call.levels[0].quantity, call.levels[0].text) == ("log2_ratio", "-0.9")


SEG = "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean"


def test_seg_is_log2_unless_said_otherwise(write: Write) -> None:
    path = write("s.seg", SEG, "S1\t17\t1000\t2000\t5\t-0.3")
    assert copy_numbers(path, build="GRCh38")[0][1].log2 == -0.3
    # log10(x) = -0.3 is log2(x) = -0.3 / log10(2) = -0.9966
    assert copy_numbers(path, build="GRCh38", unit="log10")[0][1].log2 == pytest.approx(-0.9966, abs=1e-4)


def test_seg_with_an_unknown_unit_is_refused(write: Write) -> None:
    with pytest.raises(FormatError, match="--unit ln is not a unit of SEG files"):
        read(write("s.seg", SEG, "S1\t17\t1000\t2000\t5\t-0.3"), ReadOptions(unit="ln", build="GRCh38"))


def test_seg_after_a_warning_line(write: Write) -> None:
    path = write(
        "s.seg",
        "WARNING: ignoring environment value",
        '"sampleName"\t"chromosome"\t"start"\t"end"\t"nbrOfLoci"\t"mean"',
        '"S1"\t"chr5"\t100\t900\t5\t-1',
    )
    [(call, finding)] = copy_numbers(path, build="GRCh37")
    assert (call.sample, finding.chrom, call.line) == ("S1", "5", 3)


def test_rows_without_positions_are_refused_with_their_line(write: Write) -> None:
    path = write("s.seg", SEG, "S1\t1\t\t\t5\t-0.3", "S1\t17\t1000\t2000\t5\t-0.3")
    [refused] = read(path, ReadOptions(build="GRCh38")).refused
    assert (refused.line, refused.reason) == (2, "start or end is empty.")


CHAS = "File\tCN State\tType\tChromosome\tMicroarray Nomenclature\tFull Location"


def test_chas_takes_build_and_positions_from_the_nomenclature(write: Write) -> None:
    path = write(
        "s.txt",
        CHAS,
        "a.OSCHP\t1\tLoss\tchr17\tarr[hg19] 17p13.1(7,500,001-7,600,000)x1\tchr17:7500000-7600000",
        encoding="utf-8-sig",
    )
    [(_, finding)] = copy_numbers(path)
    assert (finding.build, finding.start, finding.end, finding.total) == ("GRCh37", 7500000, 7600000, 1.0)


def test_chas_loh_has_no_copy_state(write: Write) -> None:
    path = write("s.txt", CHAS, "a.OSCHP\t\tLOH\t17\tarr[hg19] 17p13.3p11.2(1-20,000,000)x2 hmz\t")
    [(_, finding)] = copy_numbers(path)
    assert (finding.change, finding.total) == (Change.CN_LOH, None)


def test_chas_repeated_row_counts_once_and_is_said(write: Write) -> None:
    row = "a.OSCHP\t1\tLoss\t17\tarr[hg19] 17p13.1(7,500,001-7,600,000)x1\t"
    reading = read(write("s.txt", CHAS, row, row))
    assert [item.reason for item in reading.refused] == ["repeats line 2."]


def test_purity_above_one_is_an_error(write: Write) -> None:
    path = write("p.tsv", "purity\tnormFactor\tdiploidProportion\tploidy", "99\t1\t1\t2")
    with pytest.raises(FormatError, match=r"^p\.tsv:2: '99' is not a possible fraction of cells"):
        read(path)


def test_purity_and_ploidy_are_measured_values(write: Write) -> None:
    records = read(write("p.tsv", "purity\tnormFactor\tdiploidProportion\tploidy", "0.8\t1\t1\t2.1")).records
    assert [
        (r.finding.name, r.levels[0].text) for r in records if isinstance(r, Call) and isinstance(r.finding, Measured)
    ] == [
        ("tumour purity", "0.8"),
        ("tumour ploidy", "2.1"),
    ]
