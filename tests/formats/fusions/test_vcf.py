"""RNA fusions as VCF."""

from __future__ import annotations

import pytest

from moltrack import formats
from moltrack.errors import FormatError
from moltrack.model import Breakpoint, Result

RNAFUSION = (
    "##fileformat=VCFv4.1",
    '##INFO=<ID=GENEA,Number=.,Type=String,Description="Gene A">',
    '##INFO=<ID=FOUND_DB,Number=.,Type=String,Description="Databases">',
    '##INFO=<ID=TOOL_HITS,Number=.,Type=Integer,Description="Tools">',
    '##FORMAT=<ID=DV,Number=1,Type=Integer,Description="Number of paired-ends that support the event">',
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1",
)


def rnafusion(
    found_in: str, values: str, place: str = "CHRA=21;CHRB=8;POSA=34859474;POSB=92017363;ORIENTATION=-,-"
) -> str:
    info = f"SVTYPE=BND;{place};GENEA=RUNX1;GENEB=RUNX1T1;FOUND_IN={found_in};TOOL_HITS=2;FRAME_STATUS=INFRAME;EXON_NUMBER_A=6;EXON_NUMBER_B=2"
    return f"21\t34859474\t.\tN\t[8:92017363[N\t.\tPASS\t{info}\tGT:DV:RV:FFPM\t./1:{values}"


def test_dv_holds_junction_reads_whatever_the_header_says(write):
    # vcf_collect.py writes JunctionReadCount as DV and SpanningFragCount as RV
    reading = formats.read(write("S1_fusion_data.vcf", *RNAFUSION, rnafusion("arriba,starfusion", "57:21:1.2345")))
    [call] = reading.records
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.result) == (57, 21, Result.POSITIVE)
    assert [level.quantity for level in call.levels] == ["junction_reads", "ffpm"]
    assert call.finding.breakpoint5 == Breakpoint("21", 34859474, "-")
    assert (reading.info.build, reading.info.samples) == ("GRCh38", ("S1",))


def test_ffpm_is_not_used_when_star_fusion_did_not_find_it(write):
    [call] = formats.read(write("s.vcf", *RNAFUSION, rnafusion("fusioncatcher", "1:0:2613"))).records
    assert [level.quantity for level in call.levels] == ["junction_reads"]
    assert "FFPM 2613 is not used" in call.notes[0]


def test_filled_in_zeros_say_nothing(write):
    [call] = formats.read(
        write("s.vcf", *RNAFUSION, rnafusion("arriba", "0:0:0.0", "CHRA=0;CHRB=0;POSA=0;POSB=0;ORIENTATION=nan,nan"))
    ).records
    assert (call.result, call.levels) == (Result.NOT_EVALUABLE, ())
    assert call.finding.breakpoint3 == Breakpoint("8", 92017363, "")


def test_two_ends_of_a_fusioncatcher_event_are_one_call(write):
    shared = "EVENT=PML--RARA;FUSION=PML--RARA;SR=9;SP=4;GENE5=PML;GENS5=ENSG00000140464;GENE3=RARA;GENS3=ENSG00000131759;EFFECT=in-frame"
    path = write(
        "final-list.vcf",
        "##fileformat=VCFv4.3",
        "##source=fusioncatcher_v1.33",
        "##reference=Homo_sapiens.GRCh38.dna.fa",
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
        f"15\t74023405\ta\tN\tN[17:40348313[\t.\tPASS\tSVTYPE=BND;END=5;STRAND=+;{shared}",
        f"17\t40348313\tb\tN\t]15:74023405]N\t.\tPASS\tSVTYPE=BND;END=3;STRAND=+;{shared}",
    )
    reading = formats.read(path)
    [call] = reading.records
    assert (call.finding.breakpoint5, call.finding.breakpoint3) == (
        Breakpoint("15", 74023405, "+"),
        Breakpoint("17", 40348313, "+"),
    )
    assert (call.counts.junction_reads, call.counts.spanning_reads, call.finding.build, reading.info.tool_version) == (
        9,
        4,
        "GRCh38",
        "1.33",
    )


def test_fusioncatcher_summary_is_refused(write):
    with pytest.raises(FormatError, match="summary for people"):
        formats.read(
            write(
                "summary_candidate_fusions.txt",
                "Very short summary of found candidate fusion genes",
                "====",
                "  * A--B",
            )
        )


def test_a_record_with_a_wrong_count_is_refused(write):
    reading = formats.read(write("s.vcf", *RNAFUSION, rnafusion("arriba", "x:1:1"), "21\t5"))
    assert [(r.line, r.reason) for r in reading.refused] == [
        (7, "DV holds 'x', expected a number of reads."),
        (8, "has 2 columns, a VCF record has at least 8."),
    ]
