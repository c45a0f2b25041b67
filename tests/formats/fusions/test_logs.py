"""SQUID and LongGF: partners that are not printed 5' to 3'."""

from __future__ import annotations

from moltrack import formats
from moltrack.model import Breakpoint, Fusion, StructuralVariant

SQUID = "# chrom1\tstart1\tend1\tchrom2\tstart2\tend2\tname\tscore\tstrand1\tstrand2\tType\tFusedGenes"


def test_squid_sides_are_put_to_their_genes_by_position(write):
    # RUNX1 lies on 21q22, RUNX1T1 on 8q21; 0-based start 34859473 is position 34859474
    row = "8\t92017300\t92017363\t21\t34859473\t34859600\t.\t12\t+\t-\tfusion-gene\tRUNX1:RUNX1T1"
    [call] = formats.read(write("squid.txt", SQUID, row)).records
    assert call.finding == Fusion(
        "RUNX1",
        "RUNX1T1",
        ordered=True,
        breakpoint5=Breakpoint("21", 34859474, "-"),
        breakpoint3=Breakpoint("8", 92017363, "+"),
    )


def test_squid_pair_that_the_references_do_not_know_stays_unordered(write):
    row = "1\t100\t200\t2\t300\t400\t.\t5\t+\t-\tfusion-gene\tAAA:BBB"
    [call] = formats.read(write("squid.txt", SQUID, row)).records
    assert not call.finding.ordered
    assert "which side is which gene is not told" in call.notes


def test_squid_junction_without_genes_is_a_structural_variant(write):
    row = "14\t105888558\t105888684\t18\t58669725\t58669909\t.\t6\t-\t+\tnon-fusion-gene\t."
    [call] = formats.read(write("squid.txt", SQUID, row)).records
    assert call.finding == StructuralVariant(
        "BND", side1=Breakpoint("14", 105888559, "-"), side2=Breakpoint("18", 58669909, "+")
    )


def test_squid_row_without_a_strand_is_refused(write):
    row = "14\t105888558\t105888684\t18\t58669725\t58669909\t.\t6\t?\t+\tnon-fusion-gene\t."
    reading = formats.read(write("squid.txt", SQUID, row))
    assert (reading.refused[0].line, reading.refused[0].reason) == (2, "column 'strand1' holds '?', expected + or -.")


def test_longgf_line_gives_genes_reads_and_positions(write):
    line = "GF\tBCAS4:BCAS3 59 59 supporting reads=59/59 50795156:1;50795175:58 61368324:53;61368325:6 chr20:50795173 0/59:262:69 chr17:61368324 59/0:262:199"
    reading = formats.read(write("fusions.log", "some other line", line, "GF\tbroken"))
    [call] = reading.records
    assert (call.finding.gene5, call.finding.gene3, call.finding.ordered, call.counts.junction_reads, call.line) == (
        "BCAS4",
        "BCAS3",
        False,
        59,
        2,
    )
    assert call.finding.breakpoint3 == Breakpoint("17", 61368324, "")
    assert reading.refused[0].line == 3
