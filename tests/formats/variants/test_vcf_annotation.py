"""Annotators: which transcript is shown and why, alleles in VEP's notation, decoding."""

from __future__ import annotations

import pytest
from vcf_text import HG38, row, vcf

from moltrack.formats.variants.annotation import split_hgvs, vep_allele

CSQ = "Allele|Consequence|IMPACT|SYMBOL|Feature|EXON|HGVSc|HGVSp|CANONICAL|PICK|MANE_SELECT|gnomADe_AF|MAX_AF|CLIN_SIG"
CSQ_HEADER = (
    f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: {CSQ}">'
)
NPM1 = ("chr5", 171410539, "C", "CTCTG")


def csq(allele: str, **cells: str) -> str:
    named = {"Allele": allele, "Consequence": "missense_variant", "IMPACT": "MODERATE", "SYMBOL": "NPM1", **cells}
    return "|".join(named.get(name, "") for name in CSQ.split("|"))


@pytest.fixture
def variant(calls):
    """The finding of one row with this INFO."""

    def _variant(info: str, meta: str = CSQ_HEADER, place: tuple[str, int, str, str] = NPM1, allele: int = 0):
        alleles = place[3].count(",") + 1
        ad = ",".join(["90"] + ["10"] * alleles)
        return calls(*vcf(row(*place, "PASS", info, "GT:AD", f"0/1:{ad}"), meta=(HG38, meta)))[allele].finding

    return _variant


def test_clinical_transcript_wins_by_its_refseq_pair(variant):
    """NM_002520 is NPM1's MANE Select transcript."""
    finding = variant(
        "CSQ="
        + ",".join(
            (
                csq("TCTG", Feature="ENST1", CANONICAL="YES", PICK="1"),
                csq("TCTG", Feature="ENST00000296930", MANE_SELECT="NM_002520.7", HGVSc="ENST00000296930.10:c.860_863dup",
                    HGVSp="ENSP00000296930.5:p.Trp288CysfsTer12", EXON="11/11"),
            )
        )
    )  # fmt: skip
    assert (finding.gene, finding.transcript) == ("NPM1", "ENST00000296930.10")
    assert (finding.hgvs_c, finding.hgvs_p) == ("c.860_863dup", "p.Trp288CysfsTer12")
    assert (finding.exon, finding.annotation) == ("11/11", "VEP, clinical transcript")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param({"MANE_SELECT": "NM_1.1"}, "MANE Select", id="mane"),
        pytest.param({"PICK": "1"}, "picked", id="pick"),
        pytest.param({"CANONICAL": "YES"}, "canonical", id="canonical"),
    ],
)
def test_other_marks_win_over_the_first(variant, cells, reason):
    finding = variant(
        "CSQ=" + csq("TCTG", SYMBOL="XYZ", Feature="A") + "," + csq("TCTG", SYMBOL="XYZ", Feature="B", **cells)
    )
    assert (finding.transcript, finding.annotation) == ("B", f"VEP, {reason}")


def test_without_marks_the_strongest_effect_then_the_first(variant):
    weak = csq("TCTG", SYMBOL="XYZ", Feature="A", IMPACT="MODIFIER", Consequence="upstream_gene_variant")
    finding = variant(
        "CSQ=" + ",".join((weak, csq("TCTG", SYMBOL="XYZ", Feature="B"), csq("TCTG", SYMBOL="XYZ", Feature="C")))
    )
    assert (finding.transcript, finding.annotation) == ("B", "VEP, first listed")


def test_gene_of_the_set_wins_over_its_neighbour(variant):
    finding = variant("CSQ=" + csq("TCTG", SYMBOL="FGF18", Feature="A", PICK="1") + "," + csq("TCTG", Feature="B"))
    assert finding.gene == "NPM1"


def test_fields_come_from_the_header(variant):
    header = '##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: SYMBOL|Allele|Consequence">'
    finding = variant("CSQ=NPM1|TCTG|frameshift_variant", header)
    assert (finding.gene, finding.consequence) == ("NPM1", "frameshift_variant")


def test_entry_of_another_vep_run_gives_its_leading_fields_only(variant):
    """Merged files hold entries with fewer fields than their header says: what follows HGVSp is not where it should be."""
    names = "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp|FLAGS|MAX_AF|CLIN_SIG"
    header = f'##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: {names}">'
    finding = variant(
        "CSQ=TCTG|missense_variant|LOW|NPM1|E|Transcript|ENST1|x|1/2||ENST1.1:c.1A>G|ENSP1.1:p.Met1Val|1|0", header
    )
    assert (finding.gene, finding.hgvs_c, finding.hgvs_p) == ("NPM1", "c.1A>G", "p.Met1Val")
    assert (finding.population_af, finding.clinical_significance) == (None, "")


def test_percent_encoded_equal_sign(variant):
    assert variant("CSQ=" + csq("TCTG", HGVSp="ENSP1.1:p.Thr924%3D")).hgvs_p == "p.Thr924="


def test_population_frequency_is_the_largest(variant):
    finding = variant("CSQ=" + csq("TCTG", gnomADe_AF="0.001", MAX_AF="0.02") + ";gnomAD_AF=0.003")
    assert finding.population_af == 0.02


def test_mutect2_popaf_is_no_population_frequency(variant):
    """POPAF is a negative logarithm with a default for what is not known."""
    assert variant("POPAF=6.00").population_af is None


@pytest.mark.parametrize(
    "info",
    ["CSQ=" + csq("TCTG", CLIN_SIG="pathogenic"), "CSQ=" + csq("TCTG") + ";CLNSIG=pathogenic", "CLNSIG=pathogenic"],
)
def test_clinical_significance(variant, info):
    assert variant(info).clinical_significance == "pathogenic"


@pytest.mark.parametrize(
    ("ref", "alts", "expected"),
    [
        pytest.param("C", ("T",), ["T"], id="snv"),
        pytest.param("C", ("CTCTG",), ["TCTG"], id="insertion"),
        pytest.param("CTT", ("C",), ["-"], id="deletion"),
        pytest.param("CTT", ("CT", "C"), ["T", "-"], id="joined-indels"),
        pytest.param("CT", ("C", "GT"), ["C", "GT"], id="first-bases-differ"),
        pytest.param("CA", ("TG",), ["TG"], id="mnv"),
    ],
)
def test_vep_notation(ref, alts, expected):
    """As VEP's documentation shows: the first base goes when an indel is among the alleles and all share it."""
    assert [vep_allele(ref, alts, number) for number in range(1, len(alts) + 1)] == expected


def test_joined_alleles_get_their_own_annotation(variant):
    info = "CSQ=" + csq("-", Consequence="frameshift_variant") + "," + csq("T", Consequence="inframe_deletion")
    place = ("chr5", 171410539, "CTT", "CT,C")
    assert variant(info, place=place, allele=0).consequence == "inframe_deletion"
    assert variant(info, place=place, allele=1).consequence == "frameshift_variant"


def test_snpeff(variant):
    finding = variant(
        "ANN=CTCTG|frameshift_variant|HIGH|NPM1|ENSG00000181163|transcript|NM_002520.7|protein_coding|11/11|c.860_863dupTCTG"
        "|p.Trp288fs|1/2|3/4|5/6||,CTCTG|upstream_gene_variant|MODIFIER|FGF18|X|transcript|NM_1.1|protein_coding||c.-1||||||",
        "##SnpEffVersion=5.1",
    )
    assert (finding.gene, finding.transcript, finding.exon) == ("NPM1", "NM_002520.7", "11/11")
    assert (finding.hgvs_c, finding.hgvs_p) == ("c.860_863dupTCTG", "p.Trp288fs")
    assert finding.annotation == "SnpEff, clinical transcript"


def test_the_ensembl_transcript_of_mane_wins_over_one_listed_before(variant):
    """ENST00000296930 is the pair of NM_002520 in MANE Select."""
    entry = "CTCTG|frameshift_variant|HIGH|NPM1|ENSG00000181163|transcript|{}|protein_coding|11/12|c.860_863dup|p.Trp288fs|||||"
    finding = variant("ANN=" + ",".join(map(entry.format, ("ENST00000517671.5", "ENST00000296930.10"))), "##x=y")
    assert (finding.transcript, finding.annotation) == ("ENST00000296930.10", "SnpEff, MANE Select")


def test_vep_under_the_key_of_snpeff(variant):
    header = CSQ_HEADER.replace("ID=CSQ", "ID=ANN")
    finding = variant("ANN=" + csq("TCTG", HGVSc="ENST1.1:c.860_863dup"), header)
    assert (finding.hgvs_c, finding.annotation) == ("c.860_863dup", "VEP, first listed")


def test_snpeff_before_4_1(variant):
    finding = variant(
        "EFF=FRAME_SHIFT(HIGH||-/TCTG|p.Trp288fs/c.860_863dup|294|NPM1|protein_coding|CODING|NM_002520.6|11|1)", "##x=y"
    )
    assert (finding.gene, finding.hgvs_c, finding.hgvs_p) == ("NPM1", "c.860_863dup", "p.Trp288fs")


def test_bcftools_csq(variant):
    finding = variant(
        "BCSQ=missense|TP53|ENST00000269305|protein_coding|-|175R>175H|7675088C>T",
        "##x=y",
        ("chr17", 7675088, "C", "T"),
    )
    assert (finding.gene, finding.hgvs_p, finding.annotation) == ("TP53", "p.R175H", "bcftools csq, MANE Select")


def test_bcftools_csq_pointer_says_nothing(variant):
    finding = variant("BCSQ=@7675080", "##x=y", ("chr17", 7675088, "C", "T"))
    assert (finding.gene, finding.annotation) == ("TP53", "gene by position")


def test_funcotator(variant):
    header = '##INFO=<ID=FUNCOTATION,Number=A,Type=String,Description="Functional annotation. Funcotation fields are: Gencode_34_hugoSymbol|Gencode_34_variantClassification|Gencode_34_annotationTranscript|Gencode_34_cDnaChange|Gencode_34_proteinChange">'
    finding = variant("FUNCOTATION=[NPM1|FRAME_SHIFT_INS|NM_002520.7|c.860_863dup|p.W288_%20_x]", header)
    assert (finding.gene, finding.transcript, finding.hgvs_c, finding.hgvs_p) == (
        "NPM1",
        "NM_002520.7",
        "c.860_863dup",
        "p.W288 x",
    )


def test_funcotator_carries_clinvar_and_gnomad(variant):
    """Spaces and commas are escaped (``_%20_``); the largest of gnomAD's frequencies counts."""
    fields = "hugoSymbol|Gencode_43_variantClassification|ClinVar_VCF_CLNSIG|gnomAD_exome_AF|gnomAD_exome_AF_afr"
    header = f'##INFO=<ID=FUNCOTATION,Number=A,Type=String,Description="Funcotation fields are: Gencode_43_{fields}">'
    finding = variant(
        "FUNCOTATION=[NPM1|FRAME_SHIFT_INS|Pathogenic_%2C__%20_low_%20_penetrance|2.1e-05|3.0e-04]", header
    )
    assert finding.clinical_significance == "Pathogenic, low penetrance"
    assert finding.population_af == 0.0003


def test_annovar_in_info(variant):
    finding = variant(
        r"Gene.refGene=NPM1;Func.refGene=exonic;ExonicFunc.refGene=frameshift_insertion;AAChange.refGene=NPM1:NM_199185:exon9:c.773_774insTCTG:p.W259fs\x3bNPM1:NM_002520:exon11:c.860_861insTCTG:p.W288fs",
        "##x=y",
    )
    assert (finding.transcript, finding.hgvs_c, finding.exon) == ("NM_002520", "c.860_861insTCTG", "11")


def test_pave(variant):
    finding = variant(
        "IMPACT=NPM1,ENST00000296930,frameshift_variant,NONSENSE_OR_FRAMESHIFT,false,c.860_863dup,p.Trp288fs,,NONE,1",
        "##x=y",
    )
    assert (finding.gene, finding.hgvs_c, finding.annotation) == ("NPM1", "c.860_863dup", "PAVE, MANE Select")


def test_ion_reporter(variant):
    finding = variant(
        "FUNC=[{'gene':'NPM1','transcript':'NM_002520.6','coding':'c.860_863dup','protein':'p.Trp288fs','exon':'11'}]",
        "##x=y",
    )
    assert (finding.gene, finding.hgvs_p) == ("NPM1", "p.Trp288fs")


def test_nothing_annotated_gives_gene_and_exon_by_position(variant):
    """FLT3 D835 lies in exon 20 of 24."""
    finding = variant(".", "##x=y", ("chr13", 28018505, "C", "A"))
    assert (finding.gene, finding.exon, finding.annotation) == ("FLT3", "20/24", "gene by position")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NM_002520.7:c.860_863dup", ("NM_002520.7", "c.860_863dup")),
        ("ENSP00000296930.5:p.Trp288CysfsTer12", ("ENSP00000296930.5", "p.Trp288CysfsTer12")),
        ("NP_000537.3:p.(Arg248Gln)", ("NP_000537.3", "p.(Arg248Gln)")),
        ("NM_000546.5(TP53):c.743G>A", ("NM_000546.5", "c.743G>A")),
        ("c.743G>A", ("", "c.743G>A")),
        ("p.Thr924%3D", ("", "p.Thr924=")),
        (".", ("", "")),
    ],
)
def test_hgvs_with_and_without_accession(text, expected):
    assert split_hgvs(text) == expected
