"""Arrays: ISCN strings and segments typed into a table."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from moltrack.errors import FormatError
from moltrack.formats import ReadOptions, read
from moltrack.model import Call, Change, CopyNumber, Coverage, CoverageScope

Write = Callable[..., Path]
SEGMENTS = "sample,chrom,start,end,copies,minor_copies,build,fraction"


def test_string_with_coordinates(write: Write) -> None:
    text = "arr[GRCh38] 17p13.3p11.2(1_22000000)x1"
    call, coverage = read(write("a.csv", "sample,arr", f'S1,"{text}"')).records
    assert isinstance(call, Call)
    # printed 1 to 22000000, both included
    assert call.finding == CopyNumber(
        Change.LOSS,
        build="GRCh38",
        chrom="17",
        start=0,
        end=22000000,
        band_start="p13.3",
        band_end="p11.2",
        total=1.0,
        nomenclature=text,
    )
    assert isinstance(coverage, Coverage)
    assert (coverage.scope, coverage.evaluable) == (CoverageScope.GENOME_COPY_NUMBER, True)


def test_normal_string_is_evidence_of_absence_alone(write: Write) -> None:
    [record] = read(write("a.csv", "sample,arr", '"S1","arr(1-22)x2,(X,Y)x1"')).records
    assert isinstance(record, Coverage)


def test_string_that_is_partly_not_understood_excludes_nothing(write: Write) -> None:
    reading = read(write("a.csv", "sample,arr", '"S1","arr 5q14q33x1,something"'))
    assert [type(record) for record in reading.records] == [Call]
    assert [row.line for row in reading.refused] == [2]


def test_failed_array_looked_and_saw_nothing(write: Write) -> None:
    [record] = read(write("a.csv", "sample,arr,result", "S1,arr(1-22)x2,failed")).records
    assert isinstance(record, Coverage)
    assert record.evaluable is False


def test_segment(write: Write) -> None:
    [call] = read(write("a.csv", SEGMENTS, "S1,chr17,1,22000000,2,0,hg38,40 %")).records
    assert isinstance(call, Call)
    assert call.finding == CopyNumber(
        Change.CN_LOH, build="GRCh38", chrom="17", start=0, end=22000000, total=2.0, minor=0.0
    )
    assert [(level.quantity, level.value) for level in call.levels] == [
        ("cell_fraction", Decimal(40)),
        ("copy_number", Decimal(2)),
    ]


@pytest.mark.parametrize(
    ("chrom", "copies", "change"),
    [
        ("5", "1", Change.LOSS),
        ("8", "3", Change.GAIN),
        ("8", "2", Change.NORMAL),
        ("X", "1", Change.UNKNOWN),
        ("X", "3", Change.GAIN),
        ("Y", "2", Change.GAIN),
    ],
)
def test_change_against_the_expected_copies(write: Write, chrom: str, copies: str, change: Change) -> None:
    [call] = read(write("a.csv", SEGMENTS, f"S1,{chrom},1,1000,{copies},,GRCh38,")).records
    assert isinstance(call, Call)
    assert isinstance(call.finding, CopyNumber)
    assert call.finding.change is change


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("S1,17,1,1000,1,,,", "without their genome build"),
        ("S1,17,0,1000,1,,GRCh38,", "start is counted from 1"),
        ("S1,17,2000,1000,1,,GRCh38,", "start is counted from 1"),
        ("S1,23,1,1000,1,,GRCh38,", "column 'chrom' holds '23'"),
        ("S1,17,1,1000,,,GRCh38,", "lacks start, end or copies"),
        ("S1,,1,1000,1,,GRCh38,", "neither an ISCN string nor a segment"),
    ],
)
def test_wrong_segment_is_refused(write: Write, row: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"^a\.csv:2: .*{message}"):
        read(write("a.csv", SEGMENTS, row))


def test_build_may_come_from_the_option(write: Write) -> None:
    [call] = read(write("a.csv", SEGMENTS, "S1,17,1,1000,1,,,"), ReadOptions(build="GRCh37")).records
    assert isinstance(call, Call)
    assert isinstance(call.finding, CopyNumber)
    assert call.finding.build == "GRCh37"
