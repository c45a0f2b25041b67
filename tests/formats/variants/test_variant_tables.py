"""Tables of small variants: MAF, ANNOVAR, megSAP, iVar, TSO500."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.errors import FormatError, InputError, MoltrackError
from moltrack.formats import ReadOptions, detect
from moltrack.formats import read as read_file
from moltrack.model import Call, Coverage, Fusion, Itd, Printed, Refused, Technique

MAF_COLUMNS = (  # noqa: SIM905 - a list of quoted words reads worse
    "Hugo_Symbol NCBI_Build Chromosome Start_Position End_Position Variant_Classification Variant_Type Reference_Allele "
    "Tumor_Seq_Allele1 Tumor_Seq_Allele2 Tumor_Sample_Barcode HGVSc HGVSp t_depth t_ref_count t_alt_count FILTER"
).split()  # fmt: skip
ALL = ReadOptions(genes="all")


def maf_row(**cells: str) -> str:
    usual = {
        "Hugo_Symbol": "FLT3", "NCBI_Build": "GRCh38", "Chromosome": "chr13", "Start_Position": "28018505", "Variant_Type": "SNP",
        "Variant_Classification": "Missense_Mutation", "Reference_Allele": "C", "Tumor_Seq_Allele1": "C", "Tumor_Seq_Allele2": "A",
        "Tumor_Sample_Barcode": "S1", "t_depth": "901", "t_ref_count": "778", "t_alt_count": "123",
    }  # fmt: skip
    return "\t".join({**usual, **cells}.get(name, "") for name in MAF_COLUMNS)


@pytest.fixture
def maf(write):
    def _maf(*rows: str, options: ReadOptions = ALL, **how: str):
        return read_file(write("a.maf", "#version 2.4", "\t".join(MAF_COLUMNS), *rows, **how), options)

    return _maf


def test_maf_level_from_counts(maf):
    reading = maf(maf_row(HGVSc="c.2503G>T", HGVSp="p.Asp835Tyr", FILTER="panel_of_normals;t_low"))
    [call] = reading.records
    assert reading.format.name == "maf"
    assert call.levels == (Printed("vaf", Decimal(123) / Decimal(901), "fraction", "123/901"),)
    assert call.formula == "t_alt_count/t_depth"
    assert (call.sample, call.line, call.filters) == ("S1", 3, ("panel_of_normals", "t_low"))
    assert (call.finding.hgvs_c, call.finding.hgvs_p) == ("c.2503G>T", "p.Asp835Tyr")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param(
            {"Reference_Allele": "TC", "Tumor_Seq_Allele2": "-"}, (28018505, "TC", ""), id="deletion-begins-at-start"
        ),
        pytest.param(
            {"Reference_Allele": "-", "Tumor_Seq_Allele2": "TCTG"}, (28018506, "", "TCTG"), id="insertion-after-start"
        ),
        pytest.param(
            {"Tumor_Seq_Allele1": "T", "Tumor_Seq_Allele2": "C"}, (28018505, "C", "T"), id="allele2-is-reference"
        ),
    ],
)
def test_maf_alleles(maf, cells, expected):
    [call] = maf(maf_row(**cells)).records
    assert (call.finding.pos, call.finding.ref, call.finding.alt) == expected


def test_maf_without_alternative_reads_is_coverage(maf):
    [record] = maf(maf_row(t_alt_count="0", t_ref_count="901")).records
    assert isinstance(record, Coverage)
    assert (record.sample, record.counts.depth) == ("S1", 901)


def test_maf_dot_for_reference_count(maf):
    [call] = maf(maf_row(t_depth="54", t_ref_count=".", t_alt_count="21")).records
    assert call.levels[0].text == "21/54"


def test_maf_of_several_samples_names_each(maf):
    reading = maf(maf_row(), maf_row(Tumor_Sample_Barcode="S2"))
    assert [call.sample for call in reading.records] == ["S1", "S2"]
    assert reading.info.samples == ("S1", "S2")
    assert [
        c.sample
        for c in maf(
            maf_row(), maf_row(Tumor_Sample_Barcode="S2"), options=ReadOptions(genes="all", tumor_sample="S2")
        ).records
    ] == ["S2"]


def test_maf_keeps_the_genes_asked_for(maf):
    reading = maf(
        maf_row(), maf_row(Hugo_Symbol="TTN", Chromosome="2", Start_Position="178525989"), options=ReadOptions()
    )
    assert [call.finding.gene for call in reading.records] == ["FLT3"]
    assert reading.info.notes == ("1 rows outside of the genes 'myeloid' are left out",)


def test_old_tcga_maf_has_percent(write):
    """Line ends are lone CR; End_position with a small p; chromosome 23."""
    header = "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tEnd_position\tReference_Allele\tTumor_Seq_Allele1\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tProtein_Change\ti_TumorVAF_WU"
    rows = (
        "ARHGEF6\t37\t23\t135772783\t135772783\tC\tC\t-\tT1\tp.E391fs\t57.28",
        "FLT3\t37\t13\t28608256\t28608257\t-\t-\tTCA\tT2\t\tNA",
    )
    reading = read_file(write("laml.maf", header, *rows, end="\r"), ALL)
    first, second = reading.records
    assert (first.finding.chrom, first.finding.build, first.line) == ("X", "GRCh37", 2)
    assert first.levels == (Printed("vaf", Decimal("57.28"), "%", "57.28"),)
    assert second.levels == ()


def test_apl_maf_without_prefix_and_position(write):
    header = "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tVariant_Classification\tReference_Allele\tTumor_Seq_Allele2\tamino_acid_change\tTumor_Sample_Barcode"
    rows = (
        "FLT3\thg19\tchr13\t28592642\tMissense_Mutation\tC\tA\tD835Y\tA1",
        "FLT3_ITD\thg19\tchr13\tNA\tITD\t-\tNA\t\tA2",
    )
    first, second = read_file(write("apl.maf", header, *rows), ALL).records
    assert first.finding.hgvs_p == "p.D835Y"
    assert second.finding == Itd("FLT3", build="GRCh37", chrom="13")


def test_maf_without_genes_is_placed_by_the_references(write):
    """The MAF that vcf2maf starts from: place, alleles and sample; TCTG after 5:170837543 is NPM1's."""
    lines = (
        "Chromosome\tStart_Position\tReference_Allele\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tt_depth\tt_ref_count\tt_alt_count",
        "5\t170837543\t-\tTCTG\tTUMOR\t93\t21\t72",
    )
    reading = read_file(write("m.tsv", *lines), ReadOptions(build="GRCh37"))
    assert (reading.format.name, reading.info.build_evidence) == ("maf", "--build")
    [call] = reading.records
    assert (call.finding.gene, call.finding.pos, call.levels[0].text) == ("NPM1", 170837544, "72/93")


def test_maf_of_cbioportal_without_places_goes_by_names(write):
    columns = "Hugo_Symbol\tTumor_Sample_Barcode\tVariant_Classification\tHGVSp_Short"
    lines = (columns, "FLT3\tP1\tMissense_Mutation\tp.D835Y", "TP53\tP2\tNA\tNA")
    reading = read_file(write("m.maf", *lines))
    [call] = reading.records
    assert (call.finding.gene, call.finding.hgvs_p, call.finding.pos, call.sample) == ("FLT3", "p.D835Y", None, "P1")
    assert reading.refused == (Refused(3, "holds neither a position with alleles nor a gene with the variant's name."),)


def test_maf_row_without_a_place_goes_by_its_name(maf):
    nowhere = {"Chromosome": "2", "Start_Position": "NA", "Reference_Allele": "NA", "Tumor_Seq_Allele2": "NA"}
    name = {"Hugo_Symbol": "DNMT3A", "HGVSc": "c.2645G>A", "HGVSp": "p.Arg882His"}
    reading = maf(maf_row(**nowhere, **name), maf_row(**nowhere, **name, t_alt_count="0"))
    [call] = reading.records
    assert (call.finding.gene, call.finding.hgvs_c, call.finding.pos) == ("DNMT3A", "c.2645G>A", None)
    assert call.levels[0].text == "123/901"
    reason = "has no read with the variant and no position: where nothing was found is not known."
    assert reading.refused == (Refused(4, reason),)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param({"Start_Position": "x"}, "column 'Start_Position' holds 'x': 'x' is not a number.", id="position"),
        pytest.param({"t_depth": "10"}, "holds 123 alternative reads at a depth of 10.", id="depth"),
        pytest.param({"NCBI_Build": "mm10"}, "is on the build 'mm10', which is neither GRCh37 nor GRCh38.", id="build"),
        pytest.param(
            {"Tumor_Seq_Allele2": "C"}, "holds the allele 'C' as reference and as alternative.", id="no-alternative"
        ),
        pytest.param({"Tumor_Seq_Allele2": ""}, "holds no alternative allele.", id="empty-alternative"),
        pytest.param({"Tumor_Sample_Barcode": ""}, "column 'Tumor_Sample_Barcode' is empty.", id="sample"),
    ],
)
def test_bad_maf_row_is_refused_with_its_line(maf, cells, reason):
    reading = maf(maf_row(), maf_row(**cells))
    assert len(reading.records) == 1
    assert reading.refused == (Refused(4, reason),)


def test_maf_build_against_the_option_is_said_per_row(maf):
    reading = maf(maf_row(), options=ReadOptions(genes="all", build="GRCh37"))
    assert reading.refused[0].reason == "is on GRCh38 by its NCBI_Build, but --build says GRCh37."


def test_header_only_maf(maf):
    assert maf().info.header_only


# --- ANNOVAR ----------------------------------------------------------------------------------------------------------

ANNOVAR = "Chr\tStart\tEnd\tRef\tAlt\tFunc.refGene\tGene.refGene\tGeneDetail.refGene\tExonicFunc.refGene\tAAChange.refGene\tgnomAD_exome_ALL\tCLNSIG"


def test_annovar_table(write):
    row = "chr4\t55589774\t55589774\tA\tG\texonic\tKIT\t.\tnonsynonymous SNV\tKIT:NM_001093772:exon8:c.A1244G:p.D415G,KIT:NM_000222:exon8:c.A1256G:p.D419G\t0.0001\tPathogenic"
    reading = read_file(write("x.hg19_multianno.txt", ANNOVAR, row, end="\r"), ALL)
    [call] = reading.records
    assert (reading.format.name, reading.info.build, reading.info.build_evidence) == ("annovar", "GRCh37", "file name")
    finding = call.finding
    assert (finding.gene, finding.transcript, finding.hgvs_c, finding.hgvs_p) == (
        "KIT",
        "NM_000222",
        "c.1256A>G",
        "p.D419G",
    )
    assert (finding.exon, finding.population_af, finding.clinical_significance) == ("8", 0.0001, "Pathogenic")
    assert finding.annotation == "ANNOVAR, clinical transcript"


def test_annovar_carries_the_vcf_row(write):
    header = ANNOVAR + "".join(f"\tOtherinfo{i}" for i in range(1, 14))
    row = "13\t28018505\t28018505\tC\tA\texonic\tFLT3\t.\t.\t.\t.\t.\t.\t.\t.\t13\t28018505\t.\tC\tA\t.\tPASS\tDP=9\tGT:AD\t0/1:90,10"
    [call] = read_file(write("x.hg38_multianno.txt", header, row), ALL).records
    assert call.levels[0].text == "10/100"


VCF_CELLS = "13\t28018504\t.\tCC\tCA,CT\t50\tt_lod\tDP=99\tGT:AD:DP\t0/1/2:80,12,7:99"


def annovar_row(*otherinfo: str, alt: str = "A") -> str:
    return "\t".join(("chr13", "28018505", "28018505", "C", alt, "exonic", "FLT3", ".", ".", ".", ".", ".", *otherinfo))


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        pytest.param("\tOtherinfo", ("0.5", "50", "99", VCF_CELLS), id="one-header-cell"),
        pytest.param("\tOtherinfo", (VCF_CELLS,), id="includeinfo-only"),
        pytest.param("".join(f"\tOtherinfo{i}" for i in range(1, 14)), ("0.5", "50", "99", VCF_CELLS), id="numbered"),
    ],
)
@pytest.mark.parametrize(("alt", "level"), [("A", "12/99"), ("T", "7/99")])
def test_annovar_level_is_that_of_the_rows_allele(write, header, cells, alt, level):
    [call] = read_file(write("x.hg38_multianno.txt", ANNOVAR + header, annovar_row(*cells, alt=alt)), ALL).records
    assert (call.levels[0].text, call.filters) == (level, ("t_lod",))


def test_annovar_insertion_in_a_repeat_finds_its_allele(write):
    """CC>CCC and CC>C: ANNOVAR writes the insertion behind the repeat."""
    cells = ("0.5", "50", "99", "13\t28018504\t.\tCC\tCCC,C\t50\tPASS\tDP=99\tGT:AD\t0/1/2:80,12,7")
    row = annovar_row(*cells, alt="C").replace("\tC\tC\t", "\t-\tC\t", 1)
    [call] = read_file(write("x.hg38_multianno.txt", ANNOVAR + "\tOtherinfo", row), ALL).records
    assert (call.finding.alt, call.levels[0].text) == ("C", "12/99")


def test_annovar_with_several_samples_asks_for_the_tumour(write):
    path = write(
        "x.hg38_multianno.txt", ANNOVAR + "\tOtherinfo", annovar_row("0.5", "50", "99", VCF_CELLS, "0/1:50,40,9:99")
    )
    for options in (ALL, ReadOptions(genes="all", tumor_sample="TUMOR")):
        [refused] = read_file(path, options).refused
        assert "carries 2 sample columns of a VCF, without their names, and does not say which" in refused.reason
    [call] = read_file(path, ReadOptions(genes="all", tumor_sample="2")).records
    assert call.levels[0].text == "40/99"
    [refused] = read_file(path, ReadOptions(genes="all", tumor_sample="3")).refused
    assert refused.reason == "carries 2 sample columns of a VCF."


def test_annovar_other_information_that_is_no_vcf_row_gives_no_level(write):
    [call] = read_file(
        write("x.hg38_multianno.txt", ANNOVAR + "\tOtherinfo", annovar_row("het", "50", "99")), ALL
    ).records
    assert call.levels == ()


@pytest.mark.parametrize("name", ["x.multianno.txt", "hg19_patients.txt", "lifted_from_hg19.multianno.txt"])
def test_annovar_asks_for_a_build_that_annovar_did_not_write(write, name):
    path = write(name, ANNOVAR, annovar_row())
    with pytest.raises(FormatError, match="does not say its genome build: ANNOVAR writes it into the file's name"):
        read_file(path)
    assert read_file(path, ReadOptions(build="GRCh38")).info.build_evidence == "--build"
    assert read_file(path, ALL).info.build == ""


# --- megSAP -----------------------------------------------------------------------------------------------------------

GSVAR = "#chr\tstart\tend\tref\tobs\ttumor_af\ttumor_dp\tnormal_af\tnormal_dp\tfilter\tquality\tgene\tvariant_type\tcoding_and_splicing\tclassification"


def test_gsvar(write):
    lines = (
        "##ANALYSISTYPE=SOMATIC_PAIR", "##SOURCE=strelka2 2.9.10", GSVAR,
        "chr2\t178096717\t178096717\tT\tC\t0.1057\t389\t0.0\t603\toff-target\tQUAL=229\tNFE2L2\tmissense\tNFE2L2:ENST1:missense_variant:MODERATE:exon5/5:c.614A>G:p.Asp205Gly:\t4",
        "chr3\t138456487\t138456488\tAT\t-\t0.0\t26\t0.0\t35\t\tQUAL=22\tPIK3CB\tintron\t\t",
    )  # fmt: skip
    call, coverage = read_file(write("a.GSvar", *lines), ALL).records
    assert call.levels == (Printed("vaf", Decimal("0.1057"), "fraction", "0.1057"),)
    assert (call.counts.depth, call.filters, call.classification) == (389, ("off-target",), "4")
    assert (call.finding.hgvs_c, call.finding.hgvs_p, call.finding.exon) == ("c.614A>G", "p.Asp205Gly", "5/5")
    assert (coverage.ref, coverage.alt, coverage.start, coverage.end, coverage.counts.depth) == (
        "AT",
        "",
        138456486,
        138456488,
        26,
    )


def test_monitoring_of_tracked_variants(write):
    """A tracked variant without a read is the evidence of absence."""
    header = "CHROM\tPOS\tREF\tALT\tDepth\tREF_COUNT\tALT_COUNT\tAF\tFilter\tImpact\tGene"
    rows = (
        "chr2\t29193682\tGC\tG\t799\t629\t170\t0.2128\tPASS\tHIGH\tALK",
        "chr13\t28018505\tC\tA\t5000\t5000\t0\t0\tPASS\tHIGH\tFLT3",
    )
    reading = read_file(write("m.tsv", header, *rows), ReadOptions(genes="all", build="GRCh38"))
    call, coverage = reading.records
    assert reading.format.name == "megsap_monitoring"
    assert (call.levels[0].text, call.caller_level.text, call.formula) == ("170/799", "0.2128", "ALT_COUNT/Depth")
    assert (coverage.alt, coverage.counts.depth, coverage.build) == ("A", 5000, "GRCh38")


# --- iVar -------------------------------------------------------------------------------------------------------------


def test_ivar(write):
    header = "REGION\tPOS\tREF\tALT\tREF_DP\tREF_RV\tREF_QUAL\tALT_DP\tALT_RV\tALT_QUAL\tALT_FREQ\tTOTAL_DP\tPVAL\tPASS"
    rows = (
        "chrM\t64\tC\tT\t1\t0\t0\t3\t0\t50\t0.75\t4\t0.05\tFALSE",
        "chrM\t70\tC\t+AG\t1\t0\t0\t3\t0\t50\t0.75\t4\t0.01\tTRUE",
        "chrM\t80\tC\t-AG\t1\t0\t0\t3\t0\t50\t0.75\t4\t0.01\tTRUE",
    )
    snv, insertion, deletion = (
        call for call in read_file(write("i.tsv", header, *rows), ALL).records if isinstance(call, Call)
    )
    assert (snv.levels[0].text, snv.filters) == ("3/4", ("PASS=FALSE",))
    assert (insertion.finding.pos, insertion.finding.ref, insertion.finding.alt) == (70, "C", "CAG")
    assert (deletion.finding.pos, deletion.finding.ref, deletion.finding.alt) == (80, "CAG", "C")


# --- TSO500 -----------------------------------------------------------------------------------------------------------

TSO500 = (
    "[Analysis Details]\t\t",
    "Pair ID\tP1\t",
    "Workflow Version\truo-2.2.0.12\t",
    "",
    "[Gene Amplifications]\t\t",
    "Gene\tFold Change\t",
    "NA\t\t",
    "",
    "[Fusions]\t\t",
    "Gene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads",
    "KMT2A-MLLT3\tchr11:118355029\tchr9:20365742\t42\t100\t58",
    "",
    "[Small Variants]\t\t",
    "Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\tC-Dot Notation\tConsequence(s)\tAffected Exon(s)",
    "TP53\tchr17\t7577539\tG\tA\t0.2351\t1216\tNP_000537.3:p.(Arg248Trp)\tNM_000546.5:c.742C>T\tmissense_variant\t7",
)


def test_tso500(write):
    reading = read_file(write("P1_CombinedVariantOutput.tsv", *TSO500))
    variant, fusion = reading.records
    assert (reading.format.name, reading.info.tool_version, reading.info.build) == (
        "tso500_combined",
        "ruo-2.2.0.12",
        "GRCh37",
    )
    assert variant.levels == (Printed("vaf", Decimal("0.2351"), "fraction", "0.2351"),)
    assert (variant.counts.depth, variant.line) == (1216, 15)
    assert (variant.finding.hgvs_p, variant.finding.transcript) == ("p.(Arg248Trp)", "NM_000546.5")
    assert isinstance(fusion.finding, Fusion)
    assert (fusion.finding.gene5, fusion.finding.gene3, fusion.finding.breakpoint3.pos) == ("KMT2A", "MLLT3", 20365742)
    assert (fusion.counts.junction_reads, fusion.technique, fusion.line) == (42, Technique.RNA_SEQUENCING, 11)


def test_tso500_section_of_na_is_nothing_found(write):
    lines = (*TSO500[:9], "NA", *TSO500[11:13], "NA")
    reading = read_file(write("x.tsv", *lines))
    assert (reading.records, reading.info.header_only) == ((), True)


def test_tso500_is_on_grch37(write):
    with pytest.raises(InputError, match="is on GRCh37 by its format"):
        read_file(write("x.tsv", *TSO500), ReadOptions(build="GRCh38"))


@pytest.mark.parametrize("name", ["a.maf", "b.tsv"])
def test_recognised_by_content_not_by_name(write, name):
    assert detect(write(name, "\t".join(MAF_COLUMNS), maf_row())).name == "maf"


# --- damage -----------------------------------------------------------------------------------------------------------

TABLES = {
    "a.maf": "\n".join(("\t".join(MAF_COLUMNS), maf_row(HGVSc="c.1A>G"), maf_row(t_alt_count="0"))),
    "a.hg38_multianno.txt": ANNOVAR + "\nchr4\t55589774\t55589774\tA\tG\texonic\tKIT\t.\tx\tKIT:NM_000222:exon8:c.A1256G:p.D419G\t0.1\t.",
    "a.GSvar": GSVAR + "\nchr3\t138456487\t138456488\tAT\t-\t0.1\t26\t0.0\t35\t\tQUAL=22\tPIK3CB\tintron\t\t",
    "a.tso.tsv": "\n".join(TSO500),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
@given(data=st.data())
def test_damaged_table_never_crashes(tmp_path_factory, name, data):
    """Cut, or with one character replaced: a clear error, or every row is used or refused."""
    text = TABLES[name]
    place = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(["", "\t", "\n", "-", "9", "x", '"', ";", "µ", "\x00"]))
    damaged = text[:place] if data.draw(st.booleans()) else text[:place] + character + text[place + 1 :]
    path = tmp_path_factory.getbasetemp() / name
    path.write_text(damaged, encoding="utf-8")
    try:
        reading = read_file(path, ALL)
    except MoltrackError as error:
        assert str(error)
        return
    if reading.format.name in {"maf", "annovar", "gsvar"}:
        assert len(reading.records) + len(reading.refused) == reading.info.rows
