"""km: one row per variant against the reference, whatever its three outputs call it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from moltrack.formats import read
from moltrack.model import Call, Coverage, Itd, Printed, SmallVariant, Technique

Write = Callable[..., Path]
MUTATION = "Database\tQuery\tType\tVariant_name\trVAF\tExpression\tMin_coverage\tStart_offset\tSequence\tReference_expression\tReference_sequence\tInfo"
REPORT = "Sample\tRegion\tLocation\tType\tRemoved\tAdded\tAbnormal\tNormal\trVAF\tMin_coverage\tExclu_min_cov\tVariant\tTarget\tInfo\tVariant_sequence\tReference_sequence"


def mutation(target: str, kind: str, name: str, rvaf: str, info: str = "vs_ref", coverage: str = "90") -> str:
    return f"x.jf\t{target}\t{kind}\t{name}\t{rvaf}\t100\t{coverage}\t0\tA\t200\tA\t{info}"


def calls(path: Path) -> list[Call]:
    return [record for record in read(path).records if isinstance(record, Call)]


def test_only_the_row_against_the_reference_counts(write: Write) -> None:
    rows = (
        mutation("FLT3-ITD_exons_13-15", "ITD", "204:/ACTCCC:204", "0.276"),
        mutation("FLT3-ITD_exons_13-15", "ITD", "204:/ACTCCC:204", "0.439", "cluster 1 n=1"),
    )
    [call] = calls(write("t.tsv", "#count:5", MUTATION, *rows, "#Elapsed time:0.1"))
    assert call.finding == Itd("FLT3", length=6, sequence="ACTCCC", in_frame=True)
    assert call.levels == (Printed("rvaf", Decimal("0.276"), "fraction", "0.276"),)
    assert call.technique is Technique.RNA_SEQUENCING


def test_reference_row_says_that_the_target_was_covered(write: Write) -> None:
    [record] = read(
        write("t.tsv", MUTATION, mutation("FLT3-ITD_exons_13-15", "Reference", "", "nan", coverage="912"))
    ).records
    assert isinstance(record, Coverage)
    assert (record.name, record.counts.depth, record.evaluable) == ("FLT3_ITD", 912, True)


def test_uncovered_target_is_not_evaluable(write: Write) -> None:
    [record] = read(
        write("t.tsv", MUTATION, mutation("NPM1_4ins_exons_10-11utr", "Reference", "", "nan", coverage="0"))
    ).records
    assert isinstance(record, Coverage)
    assert (record.name, record.evaluable) == ("NPM1", False)


def test_target_of_one_position_covers_no_gene(write: Write) -> None:
    assert read(write("t.tsv", MUTATION, mutation("DNMT3A_R882_exon_23", "Reference", "", "nan"))).records == ()


def test_npm1_insertion_is_a_small_variant_even_when_typed_itd(write: Write) -> None:
    row = "x.jf\tchr5:1-2\tchr5:171410544\tITD\t0\t4 | 1\t28\t30\t0.484\t24\t\t/TCTG\tNPM1_4ins_exons_10-11utr\tvs_ref\tA\tA"
    [call] = calls(write("t.tsv", REPORT, row))
    assert isinstance(call.finding, SmallVariant)
    assert (call.finding.gene, call.finding.hgvs_c) == ("NPM1", "c.860_863dup")


def test_report_and_vcf_place_a_duplication_alike(write: Write) -> None:
    # 12 bases: the base behind the insertion is 28034117, so the last duplicated one 28034116 and the first 28034105
    report = "x.jf\tchr13:1-2\tchr13:28034117\tITD\t0\t12 | 1\t4\t10\t0.276\t44\t\t/AACTCCCATTTG\tFLT3-ITD_exons_13-15\tvs_ref\tA\tA"
    [in_report] = calls(write("t.tsv", REPORT, report))
    infos = tuple(
        f'##INFO=<ID={key},Number=A,Type=String,Description="">'
        for key in ("TYPE", "TARGET", "RATIO", "MINCOV", "REMOVED", "ADDED")
    )
    record = "chr13\t28034104\t.\tAAACTCCCATTTGT\tAAACTCCCATTTGAACTCCCATTTGT\t.\t.\tTYPE=ITD;TARGET=FLT3-ITD_exons_13-15;RATIO=0.276;MINCOV=44;REMOVED=0;ADDED=12|1"
    [in_vcf] = calls(
        write("t.vcf", "##fileformat=VCFv4.1", *infos, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", record)
    )
    assert isinstance(in_report.finding, Itd)
    assert isinstance(in_vcf.finding, Itd)
    assert (in_report.finding.site_rule, in_report.finding.pos) == ("first_duplicated", 28034105)
    assert (in_vcf.finding.site_rule, in_vcf.finding.pos) == ("insertion", 28034104)
    assert in_report.finding.length == in_vcf.finding.length == 12
    assert in_report.finding.build == in_vcf.finding.build == "GRCh38"


def test_older_table_calls_the_share_ratio(write: Write) -> None:
    [call] = calls(
        write(
            "t.tsv", MUTATION.replace("rVAF", "Ratio"), mutation("FLT3-TKD_exon_20", "Deletion", "32:gat/:35", "0.54")
        )
    )
    assert call.levels[0].quantity == "rvaf"
