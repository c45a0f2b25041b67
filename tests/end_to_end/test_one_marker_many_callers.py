"""One patient, another caller at each time point: one marker per variant and per fusion, with the level of each caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import moltrack
from moltrack.formats import ReadOptions

Write = Callable[..., Path]

GRCH38 = ("##contig=<ID=chr5,length=181538259>", "##contig=<ID=chr13,length=114364328>")
GRCH37 = ("##contig=<ID=5,length=180915260>", "##contig=<ID=13,length=115169878>")
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
#: FLT3 p.Asp835Tyr and NPM1 type A, left-aligned, on both builds.
FLT3 = {GRCH38: "chr13\t28018505\t.\tC\tA", GRCH37: "13\t28592642\t.\tC\tA"}
NPM1 = {GRCH38: "chr5\t171410539\t.\tC\tCTCTG", GRCH37: "5\t170837543\t.\tC\tCTCTG"}

#: Caller: its header, FORMAT and the cell of the tumour; 10 of 100 reads each.
CALLERS: dict[str, tuple[str, str, str]] = {
    "mutect2": ("##source=Mutect2", "GT:AD:AF:DP", "0/1:90,10:0.11:100"),
    "mutect1": ("##source=MuTect", "GT:AD:BQ:DP:FA", "0/1:90,10:30:100:0.1"),
    "vardict": ("##source=VarDict_v1.8.2", "GT:DP:VD:AD:AF:RD:ALD", "0/1:100:10:90,10:0.1:45,45:5,5"),
    "varscan": ("##source=VarScan2", "GT:GQ:DP:RD:AD:FREQ:DP4", "0/1:.:100:90:10:10%:45,45,5,5"),
    "freebayes": ("##source=freeBayes v1.3.6", "GT:DP:RO:QR:AO:QA", "0/1:100:90:3000:10:300"),
    "deepvariant": ("##DeepVariant_version=1.6.0", "GT:GQ:DP:AD:VAF", "0/1:50:100:90,10:0.1"),
    "dragen": ("##source=DRAGEN", "GT:SQ:AD:AF:DP", "0/1:30:0,10:0.1:100"),
    "clairs": ("##source=ClairS", "GT:AF:DP:AD:NAF", "0/1:0.1:100:90,10:0"),
    "tnscope": ("##source=TNscope", "GT:AD:AF", "0/1:90,10:0.12"),
    "sage": ("##sageVersion=3.4", "GT:AD:AF:DP:RC_QUAL", "0/1:90,10:0.1:100:1"),
    "muse": ("##MuSE_version=v1.0", "GT:DP:AD:BQ:SS", "0/1:100:90,10:30,30:2"),
    "pisces": ("##source=Pisces 5.2", "GT:GQ:AD:DP:VF", "0/1:100:90,10:100:0.1"),
    "pindel": ("##source=pindel", "GT:AD", "0/0:90,10"),
}  # fmt: skip


def caller_file(write: Write, name: str, build: tuple[str, ...] = GRCH38) -> Path:
    meta, format_, cell = CALLERS[name]
    rows = [f"{allele[build]}\t.\tPASS\t.\t{format_}\t{cell}" for allele in (NPM1, FLT3)]
    return write(f"{name}.vcf", "##fileformat=VCFv4.2", meta, *build, f"{COLUMNS}\tFORMAT\tT", *rows)


def others(write: Write) -> Iterator[Path]:
    """What is no VCF of one sample: LoFreq, a MAF, an ANNOVAR table, a report that is typed."""
    info = "DP=100;AF=0.1;DP4=45,45,5,5"
    rows = [f"{allele[GRCH38]}\t.\tPASS\t{info}" for allele in (NPM1, FLT3)]
    yield write("lofreq.vcf", "##fileformat=VCFv4.0", "##source=lofreq call", *GRCH38, COLUMNS, *rows)
    yield write(
        "m.maf",
        "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tEnd_Position\tVariant_Classification\tReference_Allele\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tt_depth\tt_ref_count\tt_alt_count",
        "FLT3\tGRCh38\tchr13\t28018505\t28018505\tMissense_Mutation\tC\tA\tm\t100\t90\t10",
        "NPM1\tGRCh38\tchr5\t171410539\t171410540\tFrame_Shift_Ins\t-\tTCTG\tm\t100\t90\t10",
    )
    annovar = "Chr\tStart\tEnd\tRef\tAlt\tFunc.refGene\tGene.refGene\tOtherinfo"
    yield write(
        "x.hg38_multianno.txt",
        annovar,
        f"chr13\t28018505\t28018505\tC\tA\texonic\tFLT3\t0.5\t.\t100\t{FLT3[GRCH38]}\t.\tPASS\t.\tGT:AD\t0/1:90,10",
        f"chr5\t171410539\t171410539\t-\tTCTG\texonic\tNPM1\t0.5\t.\t100\t{NPM1[GRCH38]}\t.\tPASS\t.\tGT:AD\t0/1:90,10",
    )
    yield write(
        "typed.csv",
        "gene,hgvs_c,hgvs_p,vaf",
        "FLT3,c.2503G>T,p.Asp835Tyr,10 %",
        "NPM1,c.860_863dup,p.Trp288Cysfs*12,10 %",
    )


def rows_of(store: Any, patient: str) -> list[dict[str, Any]]:
    return list(store.timeline(patient).rows())


@pytest.fixture
def variants(tmp_path: Path, write: Write) -> list[dict[str, Any]]:
    files = [caller_file(write, name) for name in CALLERS]
    files += [*others(write)]
    with moltrack.open(tmp_path / "store.db") as store:
        for month, path in enumerate(files, start=1):
            date = f"20{20 + month // 13}-{(month - 1) % 12 + 1:02d}-01"
            store.ingest(path, patient="P", sample=path.stem.split(".")[0], date=date)
        # The last time point comes from a laboratory that is still on the older build.
        old = tmp_path / "old"
        old.mkdir()
        path = old / "mutect2.vcf"
        path.write_text(caller_file(write, "mutect2", GRCH37).read_text())
        store.ingest(path, patient="P", sample="old", date="2022-01-01")
        return rows_of(store, "P")


def test_a_variant_is_one_marker_whoever_calls_it(variants: list[dict[str, Any]]) -> None:
    detected = {(row["marker"], row["label"]) for row in variants if row["status"] == "detected"}
    assert sorted(label for _, label in detected) == ["FLT3 p.Asp835Tyr", "NPM1 p.Trp288CysfsTer12"]


def test_each_caller_has_its_level(variants: list[dict[str, Any]]) -> None:
    levels = [
        (row["sample"], row["level"]) for row in variants if row["status"] == "detected" and row["quantity"] == "vaf"
    ]
    assert len(levels) == 2 * (len(CALLERS) + 4 + 1)
    assert {level for _, level in levels} == {0.1}


#: Caller: file, header and row of RUNX1::RUNX1T1 at 21:34859474 and 8:92017363 (GRCh38); SQUID writes 0-based starts.
FUSIONS: dict[str, tuple[str, ...]] = {
    "starfusion": (
        "#FusionName\tJunctionReadCount\tSpanningFragCount\tSpliceType\tLeftGene\tLeftBreakpoint\tRightGene\tRightBreakpoint\tFFPM",
        "RUNX1--RUNX1T1\t40\t9\tONLY_REF_SPLICE\tRUNX1^ENSG00000159216.1\tchr21:34859474:-\tRUNX1T1^ENSG00000079102.1\tchr8:92017363:-\t2.5",
    ),
    "arriba": (
        "#gene1\tgene2\tstrand1(gene/fusion)\tstrand2(gene/fusion)\tbreakpoint1\tbreakpoint2\tsite1\tsite2\ttype\tsplit_reads1\tsplit_reads2\tdiscordant_mates\tconfidence\treading_frame\tfilters",
        "RUNX1\tRUNX1T1\t-/-\t-/-\t21:34859474\t8:92017363\tCDS/splice-site\tCDS/splice-site\ttranslocation\t20\t20\t9\thigh\tin-frame\t.",
    ),
    "fusioncatcher": (
        "Gene_1_symbol(5end_fusion_partner)\tGene_2_symbol(3end_fusion_partner)\tCounts_of_common_mapping_reads\tSpanning_pairs\tSpanning_unique_reads\tFusion_point_for_gene_1(5end_fusion_partner)\tFusion_point_for_gene_2(3end_fusion_partner)\tPredicted_effect",
        "RUNX1\tRUNX1T1\t0\t9\t40\t21:34859474:-\t8:92017363:-\tin-frame",
    ),
    "jaffa": (
        "sample,fusion genes,chrom1,base1,strand1,chrom2,base2,strand2,gap (kb),spanning pairs,spanning reads,inframe,aligns,rearrangement,contig,contig break,classification,known",
        "jaffa,RUNX1:RUNX1T1,chr21,34859475,-,chr8,92017363,-,Inf,9,40,TRUE,TRUE,TRUE,c,1,HighConfidence,Yes",
    ),
    "pizzly": (
        "geneA.name\tgeneA.id\tgeneB.name\tgeneB.id\tpaircount\tsplitcount\ttranscripts.list",
        "AML1\tENSG00000159216\tETO\tENSG00000079102\t9\t40\tx",
    ),
    "dragen": (
        "#FusionGene\tScore\tLeftBreakpoint\tRightBreakpoint\tReadNames",
        "RUNX1--RUNX1T1\t0.9\tchr21:34859474:-\tchr8:92017363:-\t" + ";".join(f"r{i}" for i in range(40)),
    ),
    "starseqr": (
        "NAME\tNREAD_SPANS\tNREAD_JXNLEFT\tNREAD_JXNRIGHT\tFUSION_CLASS\tSPLICE_TYPE\tBRKPT_LEFT\tBRKPT_RIGHT\tLEFT_SYMBOL\tRIGHT_SYMBOL\tDISPOSITION",
        "RUNX1-RUNX1T1\t9\t20\t20\tTRANSLOCATION\tCANONICAL\t21:34859474:-\t8:92017363:-\tRUNX1\tRUNX1T1\tPASS",
    ),
    "typed": ("fusion,junction_reads,spanning_reads", "AML1::ETO,40,9"),
}


@pytest.fixture
def fusions(tmp_path: Path, write: Write) -> list[dict[str, Any]]:
    with moltrack.open(tmp_path / "store.db") as store:
        for month, (name, lines) in enumerate(FUSIONS.items(), start=1):
            path = write(f"{name}.{'csv' if ',' in lines[0] else 'tsv'}", *lines)
            build = ReadOptions(build="GRCh38")
            store.ingest(path, patient="P", sample=name, date=f"2020-{month:02d}-01", options=build)
        return rows_of(store, "P")


def test_a_fusion_is_one_marker_whoever_calls_it(fusions: list[dict[str, Any]]) -> None:
    assert {row["label"] for row in fusions if row["status"] == "detected"} == {"RUNX1::RUNX1T1"}
    assert len({row["marker"] for row in fusions if row["status"] == "detected"}) == 1


def test_each_caller_of_a_fusion_has_its_junction_reads(fusions: list[dict[str, Any]]) -> None:
    reads = {row["sample"]: row["level"] for row in fusions if row["quantity"] == "junction_reads"}
    assert reads == dict.fromkeys(FUSIONS, 40.0)
