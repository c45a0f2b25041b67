"""getITD: the table of clones, its merging stages, and stats.txt as evidence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import Call, Counts, Coverage, Itd, Printed, Technique

Write = Callable[..., Path]
NAME = "itds_collapsed-is-same_is-similar_is-close_is-same_trailing_hc.tsv"
HEADER = "sample\tlength\tvaf\tar\tcoverage\tcounts\tseq\texternal_bp\tdomains\tinsertion_site_chr13_bp\tinsertion_site_domain\tcounts_unique_total"
CLONE = "S1\t6\t20.000\t0.25000\t1000\t200\tGAATTC\t0\t['exon14_JMD_zipperMotif']\t28608260\texon14_JMD_zipperMotif\t12"


def test_clone_as_printed(write: Write) -> None:
    call, coverage = read(write(NAME, HEADER, CLONE)).records
    assert call == Call(
        finding=Itd(
            "FLT3",
            length=6,
            build="GRCh37",
            chrom="13",
            pos=28608260,
            site_rule="insertion",
            sequence="GAATTC",
            in_frame=True,
            domain="JM",
        ),
        line=2,
        levels=(
            Printed("allelic_ratio", Decimal("0.25000"), "ratio", "0.25000"),
            Printed("vaf", Decimal("20.000"), "%", "20.000"),
        ),
        counts=Counts(alt=200, ref=800, depth=1000),
        sample="S1",
        technique=Technique.DNA_SEQUENCING,
        extra=(("domains", "['exon14_JMD_zipperMotif']"),),
    )
    assert isinstance(coverage, Coverage)
    assert (coverage.name, coverage.sample) == ("FLT3_ITD", "S1")


def test_sequence_is_turned_to_the_plus_strand(write: Write) -> None:
    call = read(write(NAME, HEADER, CLONE.replace("GAATTC", "TTGACC"))).records[0]
    assert isinstance(call, Call)
    assert isinstance(call.finding, Itd)
    assert call.finding.sequence == "GGTCAA"


def test_infinite_ratio_leaves_the_fraction(write: Write) -> None:
    call = read(write(NAME, HEADER, CLONE.replace("0.25000", "inf").replace("20.000", "100"))).records[0]
    assert isinstance(call, Call)
    assert [level.quantity for level in call.levels] == ["vaf"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("20.000", "200", "expected a number from 0 to 100"),
        ("28608260", "", "lacks vaf or insertion_site"),
        ("\t1000\t", "\tx\t", "column 'coverage' holds 'x'"),
    ],
)
def test_wrong_cell_is_refused(write: Write, old: str, new: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read(write(NAME, HEADER, CLONE.replace(old, new)))


@pytest.mark.parametrize(
    "stage", ["itds_collapsed-is-same.tsv", "itds_collapsed-is-same_is-similar_is-close_is-same_trailing.tsv"]
)
def test_merging_stage_is_refused(write: Write, stage: str) -> None:
    with pytest.raises(FormatError, match="one of getITD's merging stages"):
        read(write(stage, HEADER, CLONE))


def test_insertions_are_refused(write: Write) -> None:
    columns = HEADER.replace("external_bp\t", "")
    with pytest.raises(FormatError, match="every insertion that getITD saw"):
        read(write("insertions.tsv", columns))


START = "==== PROCESSING SAMPLE S1 ===="
READS = "Total reads remaining for analysis: 3727 (74.54 %)"


@pytest.mark.parametrize(
    ("lines", "evaluable", "note"),
    [
        pytest.param((START, READS, "0 itds remain after filtering!"), True, "found no ITD", id="negative"),
        pytest.param((START, READS, "0 ITDs were found"), True, "found no ITD", id="none-found"),
        pytest.param(
            (START, "Total reads remaining for analysis: 0 (0.0 %)", "NO READS TO PROCESS!"),
            False,
            "no reads",
            id="no-reads",
        ),
        pytest.param((START, READS, "3 ITDs were found"), False, "did not run to its end", id="killed"),
    ],
)
def test_stats_tell_negative_from_failed(write: Write, lines: tuple[str, ...], evaluable: bool, note: str) -> None:
    [record] = read(write("stats.txt", "", *lines)).records
    assert isinstance(record, Coverage)
    assert (record.name, record.evaluable, record.sample) == ("FLT3_ITD", evaluable, "S1")
    assert note in record.note


def test_stats_with_itds_point_to_the_table(write: Write) -> None:
    with pytest.raises(FormatError, match=r"^stats\.txt: counts 2 ITD\(s\) and does not list them"):
        read(write("stats.txt", START, READS, "2 itds remain after filtering!"))


def test_a_table_of_before_version_1_is_refused_by_name(write: Write) -> None:
    """Its vaf of 0.0118 is a percentage: 20 of 169,956 reads."""
    header = "sample\tlength\ttrailing\ttandem2_start\tvaf\tref_coverage\tcounts\tinsert"
    path = write("itds_hc.tsv", header, "S1\t21\tFalse\t72\t0.011768\t169956\t20\tTGATTTCAGAGAATATGAATA")
    with pytest.raises(FormatError, match="is a table of getITD before version 1, whose vaf is in percent"):
        read(path)
