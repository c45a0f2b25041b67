"""Tumour column, build and tool from the header."""

from __future__ import annotations

import pytest
from vcf_text import HG19, HG38, row, vcf

from moltrack.errors import FormatError, InputError
from moltrack.formats.variants.header import build_in, chromosome
from moltrack.model import Call


def dragen(options: str) -> str:
    return f'##DRAGENCommandLine=<ID=dragen,Version="SW: 4.2.4, HW: 4.2.4",Date="x",CommandLineOptions="{options}">'


PAIR = ("GT:AD", "0/0:100,0", "0/1:90,10")


def _pair(*samples: str, meta: tuple[str, ...] = (HG38,)) -> tuple[str, ...]:
    return vcf(row("chr13", 28018505, "C", "A", "PASS", ".", *PAIR), samples=samples, meta=meta)


@pytest.mark.parametrize(
    ("samples", "meta"),
    [
        pytest.param(("A1", "B2"), ("##normal_sample=A1", "##tumor_sample=B2"), id="mutect2-header"),
        pytest.param(("TCGA-AB-2968-11A-01D-0739-09", "TCGA-AB-2968-03A-01D-0739-09"), (), id="tcga-barcode"),
        pytest.param(("A1", "B2"), ("##normal_sample=A1",), id="normal-named"),
        pytest.param(("A1", "B2"), ("##SAMPLE=<ID=A1,IsTumor=no>", "##SAMPLE=<ID=B2,IsTumor=yes>"), id="megsap"),
        pytest.param(("A1", "B2"), ("##SAMPLE=<ID=A1,Genomes=Germline>", "##SAMPLE=<ID=B2,Genomes=Tumor>"), id="bcbio"),
        pytest.param(("A1", "B2"), ("##PEDIGREE=<Derived=B2,Original=A1>",), id="pedigree"),
        pytest.param(
            ("A1", "B2"), (dragen("--RGID x --RGSM A1 --RGID-tumor y --RGSM-tumor B2"),), id="dragen-read-groups"
        ),
        pytest.param(
            ("A1", "B2"),
            (dragen("--tumor-fastq-list=l.csv --tumor-fastq-list-sample-id=B2 --fastq-list-sample-id=A1"),),
            id="dragen-fastq-lists",
        ),
        pytest.param(("A1", "B2"), (dragen("--tumor-bam-input /d/B2.bam --bam-input /d/A1.bam"),), id="dragen-bam"),
        pytest.param(
            ("A1", "B2"), (dragen("--tumor-cram-input=/d/x.cram --cram-input=/d/A1.cram"),), id="dragen-normal-only"
        ),
        pytest.param(("NORMAL", "TUMOR"), (), id="strelka"),
        pytest.param(("p1.normal", "p1.tumour"), (), id="words"),
        pytest.param(("p1_Normal", "p1_1.2"), (), id="beside-normal"),
        pytest.param(("1N", "1T"), (), id="letters"),
        pytest.param(("COLO829v003R", "COLO829v003T"), ("##sageVersion=3.4",), id="sage"),
    ],
)
def test_tumour_column_is_found_by_name_never_by_order(read, samples, meta):
    for columns, cells in ((samples, PAIR), (samples[::-1], (PAIR[0], PAIR[2], PAIR[1]))):
        lines = vcf(row("chr13", 28018505, "C", "A", "PASS", ".", *cells), samples=columns, meta=(HG38, *meta))
        info, call = read(*lines)
        assert info.tumor_sample == samples[1]
        assert call.levels[0].text == "10/100"


@pytest.mark.parametrize("option", ["B2", "2"])
def test_option_names_the_column_or_its_number(read, option):
    info, call = read(*_pair("A1", "B2"), tumor_sample=option)
    assert (info.tumor_sample, info.tumor_evidence) == ("B2", "--tumor-sample")
    assert call.counts.alt == 10


def test_several_columns_without_a_hint_are_asked_for(read):
    with pytest.raises(FormatError) as caught:
        read(*_pair("A1", "B2"))
    assert str(caught.value) == (
        "a.vcf:3: has 2 sample columns (A1, B2) and does not say which is the tumour. Name it with --tumor-sample."
    )


def test_dragen_files_of_other_names_tell_nothing(read):
    meta = (HG38, dragen("--tumor-bam-input /d/t.bam --bam-input /d/n.bam"))
    with pytest.raises(FormatError, match="does not say which is the tumour"):
        read(*_pair("A1", "B2", meta=meta))


def test_unknown_column_is_answered_with_those_there_are(read):
    with pytest.raises(FormatError, match="has no sample column 'C3'; its sample columns are A1, B2"):
        read(*_pair("A1", "B2"), tumor_sample="C3")


def test_radia_dna_before_rna(read):
    cells = ("GT:AD", "0/0:9,0", "0/1:5,5", "0/1:1,9")
    lines = vcf(row("chr13", 28018505, "C", "A", "PASS", ".", *cells), samples=("DNA_NORMAL", "DNA_TUMOR", "RNA_TUMOR"))
    assert read(*lines)[0].tumor_sample == "DNA_TUMOR"


@pytest.mark.parametrize(
    ("meta", "build", "evidence"),
    [
        pytest.param((HG38,), "GRCh38", "contig lengths", id="lengths"),
        pytest.param((HG19, "##reference=hg38.fa"), "GRCh37", "contig lengths", id="lengths-before-text"),
        pytest.param(("##reference=file:///ref/human_g1k_v37_decoy.fasta",), "GRCh37", "##reference", id="reference"),
        pytest.param(("##contig=<ID=1,assembly=GRCh38>",), "GRCh38", "##contig", id="assembly"),
        pytest.param(('##VEP="v105" cache="homo_sapiens/105_GRCh38"',), "GRCh38", "##VEP", id="vep"),
        pytest.param((), "GRCh38", "known position 13:28018505 C>A", id="hotspot"),
        pytest.param(
            ("##contig=<ID=chrM,length=16569>",), "GRCh38", "known position 13:28018505 C>A", id="chrM-says-nothing"
        ),
    ],
)
def test_build_in_order_of_trust(read, meta, build, evidence):
    info, call = read(*_pair("NORMAL", "TUMOR", meta=meta))
    assert (info.build, info.build_evidence) == (build, evidence)
    assert call.finding.build == build


def test_build_against_the_option_is_an_error(read):
    with pytest.raises(InputError) as caught:
        read(*_pair("NORMAL", "TUMOR"), build="GRCh37")
    assert str(caught.value) == (
        "a.vcf: is on GRCh38 by its contig lengths, but --build says GRCh37. Leave --build out, or name the right file."
    )


def test_build_is_asked_for_when_genes_are_to_be_kept(read):
    lines = vcf(row("1", 1000, "C", "A", "PASS", ".", "GT:AD", "0/1:5,5"), meta=())
    with pytest.raises(FormatError, match=r"does not say its genome build, .* Give --build GRCh37 or GRCh38"):
        read(*lines, genes="myeloid")
    assert read(*lines, genes="all")[0].build == ""


def test_mitochondrial_file_is_read_with_all_genes(read):
    _, call = read(
        *vcf(row("chrM", 64, "C", "T", ".", ".", "GT:AD", "1/1:0,3"), meta=("##contig=<ID=chrM,length=16569>",))
    )
    assert (call.finding.chrom, call.finding.build) == ("MT", "")


def test_tool_and_version(read):
    meta = ("##source=strelka", "##source_version=2.9.10", HG38)
    info, *_ = read(*_pair("NORMAL", "TUMOR", meta=meta))
    assert (info.tool, info.tool_version) == ("Strelka2", "2.9.10")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("chr1", "1"), ("chrM", "MT"), ("MT", "MT"), ("chrx", "X"), ("NC_000013.11", "13"), ("NC_000023.10", "X"), ("GL000192.1", "GL000192.1")],
)  # fmt: skip
def test_chromosome_names(name, expected):
    assert chromosome(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ucsc.hg19.fasta", "GRCh37"),
        ("HG19", "GRCh37"),
        ("Homo_sapiens_assembly38.fasta", "GRCh38"),
        ("liftover hg19 to hg38", ""),
        ("mm10.fa", ""),
        ("tiny.fa", ""),
        ("GRCm38", ""),
    ],
)
def test_build_named_in_a_text(text, expected):
    assert build_in(text) == expected


def test_filters_are_kept_and_pass_is_none(read):
    rows = [
        row("chr13", 28018505 + i, "C", "A", f, ".", "GT:AD", "0/1:5,5")
        for i, f in enumerate(("PASS", ".", "germline;base_qual"))
    ]
    filters = [record.filters for record in read(*vcf(*rows)) if isinstance(record, Call)]
    assert filters == [(), (), ("germline", "base_qual")]


@pytest.mark.parametrize(
    ("format_", "cells", "tool"),
    [
        pytest.param(
            "GT:DP:VD:ALD:RD:AD:AF", ("0/0:9:0:0,0:9,0:9,0:0", "0/1:9:3:2,1:6,0:6,3:0.3"), "VarDict", id="vardict"
        ),
        pytest.param("GT:DP4:BCOUNT:JGQ:VAQ", ("0/0:1,1,0,0:0:0:0", "0/1:3,3,2,1:0:0:0"), "SomaticSniper", id="sniper"),
        pytest.param("GT:AD:AF", ("0/0:9,0:0", "0/1:6,3:0.3"), "", id="anything"),
    ],
)
def test_tool_by_its_own_keys_where_the_header_is_silent(read, format_, cells, tool):
    lines = vcf(row("chr13", 28018505, "C", "A", "PASS", ".", format_, *cells), samples=("NORMAL", "TUMOR"))
    assert read(*lines)[0].tool == tool
