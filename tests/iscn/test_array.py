"""``arr`` strings: places, copies, builds; coordinates become 0-based half-open."""

from __future__ import annotations

from decimal import Decimal

import pytest

from moltrack.iscn import ArraySegment, parse_array
from moltrack.model import Change


@pytest.mark.parametrize(
    ("text", "build", "segment"),
    [
        pytest.param("arr[hg19] 7q32.1q32.2(129,199,327-129,813,738)x8", "GRCh37", ArraySegment("7", "q32.1", "q32.2", 129199326, 129813738, 8, 8), id="commas"),
        pytest.param("arr[GRCh38] 4q32.2q35.1(163146681_183022312)×1 dn", "GRCh38", ArraySegment("4", "q32.2", "q35.1", 163146680, 183022312, 1, 1, note="dn"), id="underscore"),
        pytest.param("arr 17p13.3p11.2x1", "", ArraySegment("17", "p13.3", "p11.2", copies=1, copies_max=1), id="bands-only"),
        pytest.param("arr 17p11.2p13.3x1", "", ArraySegment("17", "p13.3", "p11.2", copies=1, copies_max=1), id="bands-turned-round"),
        pytest.param("arr(8)x3[0.3]", "", ArraySegment("8", copies=3, copies_max=3, mosaic=True, fraction=Decimal("0.3")), id="fraction"),
        pytest.param("arr[hg19] 17p13.3p12(1-2,000)x1[40%]", "GRCh37", ArraySegment("17", "p13.3", "p12", 0, 2000, 1, 1, mosaic=True, fraction=Decimal("0.4")), id="percent"),
        pytest.param("arr 11p15.5p11.2(1-100)x2 hmz", "", ArraySegment("11", "p15.5", "p11.2", 0, 100, 2, 2, loh=True), id="x2-hmz"),
        pytest.param("arr[hg19] 17p13.3p12(1-100)hmz", "GRCh37", ArraySegment("17", "p13.3", "p12", 0, 100, loh=True), id="hmz-alone"),
        pytest.param("mos arr(21)x2~3", "", ArraySegment("21", copies=2, copies_max=3, mosaic=True), id="mosaic-range"),
        pytest.param("arr 8x3", "", ArraySegment("8", copies=3, copies_max=3), id="no-parentheses"),
    ],
)  # fmt: skip
def test_one_segment(text: str, build: str, segment: ArraySegment) -> None:
    read = parse_array(text)
    assert (read.build, read.segments, read.problems) == (build, (segment,), ())


@pytest.mark.parametrize(
    "text", ["arr(1-22)x2,(X,Y)x1", "arr(X,1-22)x2", "arr (1-22,X)x2", "arr 1-22,Xx2", "arr 1-22(40,000 probes)x2"]
)
def test_normal(text: str) -> None:
    assert parse_array(text).normal


def test_one_changed_segment_is_not_normal() -> None:
    assert not parse_array("arr(1-22)x2,7q22q36x1").normal


@pytest.mark.parametrize(
    ("text", "sex", "change"),
    [
        ("arr(7)x1", "", Change.LOSS),
        ("arr(8)x3", "", Change.GAIN),
        ("arr 17p13p11x2 hmz", "", Change.CN_LOH),
        ("arr 17p13p11hmz", "", Change.CN_LOH),
        ("arr(5)x2", "", Change.NORMAL),
        ("arr(X)x1", "female", Change.LOSS),
        ("arr(X)x1", "male", Change.NORMAL),
        ("arr(X)x1", "", Change.UNKNOWN),
        ("arr(Y)x0", "male", Change.LOSS),
        ("arr(21)x2~3", "", Change.GAIN),
    ],
)
def test_change_against_expected_copies(text: str, sex: str, change: Change) -> None:
    assert parse_array(text).segments[0].change(sex) is change


def test_findings_carry_the_printed_string() -> None:
    [finding] = parse_array("arr[hg19] 7q22q36(100-200)x1").findings()
    assert (finding.change, finding.chrom, finding.start, finding.end, finding.total) == (
        Change.LOSS,
        "7",
        99,
        200,
        1.0,
    )
    assert finding.nomenclature == "arr[hg19] 7q22q36(100-200)x1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("arr[hg18] 1p36(1-2)x1", "'hg18' is not a build"),
        ("arr nothing", "'nothing' is not understood"),
        ("arr", "no chromosome"),
    ],
)
def test_problems_are_named(text: str, problem: str) -> None:
    assert problem in parse_array(text).problems[0]


def test_a_start_at_0_is_the_first_base() -> None:
    [segment] = parse_array("arr[hg19] 17p13.3p11.2(0_21000000)x1").segments
    assert (segment.start, segment.end) == (0, 21_000_000)
