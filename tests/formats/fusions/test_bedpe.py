"""BEDPE: pairs of intervals are junctions of DNA, told from regions and from tables that say more of themselves.

BCR exon 14 ends at 22:23632600, ABL1 exon 2 begins at 9:133729451 (GRCh37); BCR and ABL1 lie on the + strand.
"""

from __future__ import annotations

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Breakpoint, Fusion, Result, StructuralVariant, Technique

ROW = "chr22\t23632599\t23632600\tchr9\t133729450\t133729451\tSV1\t60\t+\t-"
NAMES = "chrom1\tstart1\tend1\tchrom2\tstart2\tend2\tname\tscore\tstrand1\tstrand2"
PCAWG = "chrom1\tstart1\tend1\tchrom2\tstart2\tend2\tsv_id\tpe_support\tstrand1\tstrand2\tsvclass\tsvmethod"
SVTOOLS = "#CHROM_A\tSTART_A\tEND_A\tCHROM_B\tSTART_B\tEND_B\tID\tQUAL\tSTRAND_A\tSTRAND_B\tTYPE\tFILTER"
GRCH37 = formats.ReadOptions(build="GRCh37")
ALL = formats.ReadOptions(genes="all")


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([ROW], id="without-header"),
        pytest.param([f"#{NAMES}\tinfo", f"{ROW}\tA"], id="further-columns"),
        pytest.param([PCAWG, f"{ROW}\tTRA\tBRASS"], id="pcawg"),
        pytest.param(["##fileformat=BEDPE", SVTOOLS, f"{ROW}\tBND\tPASS"], id="svtools"),
    ],
)
def test_a_junction_of_two_genes_is_a_fusion_without_a_level(write, lines):
    reading = formats.read(write("x.bedpe", *lines), GRCH37)
    [call] = reading.records
    assert reading.format.name == "bedpe"
    assert call.finding == Fusion(
        "BCR",
        "ABL1",
        build="GRCh37",
        breakpoint5=Breakpoint("22", 23632600, "+"),
        breakpoint3=Breakpoint("9", 133729451, "-"),
        event_type="BND",
    )
    assert (call.result, call.levels, call.technique) == (Result.POSITIVE, (), Technique.DNA_SEQUENCING)


def test_a_breakpoint_is_the_middle_of_its_interval(write):
    # bases 101 to 200 (1-based): the middle is 150
    [call] = formats.read(write("x.bedpe", "chr1\t100\t200\tchr2\t300\t301\tSV\t.\t+\t-"), ALL).records
    assert (call.finding.side1.pos, call.finding.side2.pos) == (150, 301)


def test_a_header_alone_is_a_run_that_found_nothing(write):
    reading = formats.read(write("x.bedpe", PCAWG), GRCH37)
    assert (reading.format.name, reading.info.header_only) == ("bedpe", True)


def test_without_strands_the_stated_type_counts(write):
    line = "chr17\t7570000\t7570001\tchr17\t7585000\t7585001\tSV2\t12\t.\t.\tDEL\tMinQUAL"
    [call] = formats.read(write("x.bedpe", SVTOOLS, line), GRCH37).records
    assert isinstance(call.finding, StructuralVariant)
    assert (call.finding.sv_type, call.finding.gene1, call.filters) == ("DEL", "TP53", ("MinQUAL",))


def test_a_row_that_is_no_pair_is_refused_with_its_line(write):
    lines = [ROW] * 25 + ["chr1\t5\tx"]
    [refused] = formats.read(write("x.bedpe", *lines), GRCH37).refused
    assert (refused.line, "two intervals" in refused.reason) == (26, True)


def test_the_build_is_asked_for_when_genes_are_kept(write):
    with pytest.raises(FormatError, match=r"x\.bedpe: does not say its genome build"):
        formats.read(write("x.bedpe", ROW))


def test_the_ten_columns_of_squid_without_its_own_are_asked_about(write):
    with pytest.raises(FormatError, match="could be any of bedpe, squid"):
        formats.read(write("x.bedpe", NAMES, ROW), ALL)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("chr1\t1000\t5000\tTP53\t0\t+", id="bed-6"),
        pytest.param("chr1\t1000\t5000\tNM_1\t0\t+\t1000\t5000\t0\t2\t100,200\t0,300", id="bed-12"),
    ],
)
def test_a_bed_file_is_none(write, line):
    assert formats.read(write("x.bed", line), GRCH37).format.name == "bed"
