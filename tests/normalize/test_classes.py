"""Classes of small variants, by whose word, and the lesions they are."""

from __future__ import annotations

import pytest

from moltrack.model import SmallVariant
from moltrack.normalize.classes import classify, read_class


def variant(gene: str, name: str = "", **more) -> SmallVariant:
    field = "hgvs_c" if name.startswith("c.") else "hgvs_p"
    return SmallVariant(gene=gene, **{field: name}, **more)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Pathogenic", "pathogenic"),
        ("Pathogenic/Likely_pathogenic", "pathogenic"),
        ("Likely_pathogenic", "likely_pathogenic"),
        ("Conflicting_interpretations_of_pathogenicity", "uncertain"),
        ("Conflicting_classifications_of_pathogenicity", "uncertain"),
        ("Uncertain_significance", "uncertain"),
        ("Benign/Likely_benign", "benign"),
        ("pathogenic&uncertain_significance", "uncertain"),
        ("pathogenic&benign", "uncertain"),
        ("pathogenic&not_provided", "pathogenic"),
        ("Pathogenic|drug_response", "pathogenic"),
        ("VUS", "uncertain"),
        ("Tier I", "pathogenic"),
        ("Tier II (potential)", "likely_pathogenic"),
        ("class 4", "likely_pathogenic"),
        ("5", "pathogenic"),
        ("LP", "likely_pathogenic"),
        ("not_provided", ""),
        ("", ""),
        (".", ""),
        ("to be discussed", ""),
    ],
)
def test_printed_classes_in_our_words(text, word):
    assert read_class(text) == word


@pytest.mark.parametrize(
    ("finding", "classification", "lesions"),
    [
        pytest.param(variant("NPM1", "p.W288Cfs*12"), "pathogenic", ("NPM1",), id="NPM1"),
        pytest.param(variant("NPM1", "W288fs"), "pathogenic", ("NPM1",), id="NPM1-short"),
        pytest.param(variant("NPM1", "p.Arg45Cysfs*3"), "", (), id="NPM1-elsewhere"),
        pytest.param(variant("FLT3", "D835Y"), "pathogenic", ("FLT3", "FLT3_TKD"), id="TKD"),
        pytest.param(variant("FLT3", "p.I836del"), "pathogenic", ("FLT3", "FLT3_TKD"), id="TKD-deletion"),
        pytest.param(variant("FLT3", "p.V194M"), "", (), id="FLT3-elsewhere"),
        pytest.param(variant("CEBPA", "p.Lys313dup"), "pathogenic", ("CEBPA", "CEBPA_bZIP"), id="bZIP-in-frame"),
        pytest.param(variant("CEBPA", "p.T318del"), "likely_pathogenic", ("CEBPA", "CEBPA_bZIP"), id="bZIP-T318del"),
        pytest.param(variant("CEBPA", "p.H24Afs*84"), "likely_pathogenic", ("CEBPA",), id="N-terminal-named"),
        pytest.param(variant("CEBPA", "p.Pro23fs"), "likely_pathogenic", ("CEBPA",), id="N-terminal"),
        pytest.param(variant("CEBPA", "p.Arg343fs"), "likely_pathogenic", ("CEBPA",), id="bZIP-frameshift"),
        pytest.param(variant("ASXL1", "p.G646Wfs*12"), "pathogenic", ("ASXL1",), id="ASXL1"),
        pytest.param(variant("ASXL1", "p.R300*"), "", (), id="ASXL1-early"),
        pytest.param(variant("IDH2", "p.R140Q"), "pathogenic", ("IDH2",), id="IDH2"),
        pytest.param(variant("IDH2", "p.R288W"), "", (), id="IDH2-elsewhere"),
        pytest.param(variant("TP53", "p.R273H"), "pathogenic", ("TP53",), id="TP53-hotspot-by-protein"),
        pytest.param(variant("TP53", "p.P72R"), "", (), id="TP53-polymorphism"),
        pytest.param(variant("TP53", "p.Q192*"), "pathogenic", ("TP53",), id="TP53-truncated"),
        pytest.param(variant("TP53", "c.375+1G>A"), "pathogenic", ("TP53",), id="TP53-splice-site"),
        pytest.param(variant("TET2", "p.Q1000*"), "likely_pathogenic", ("TET2",), id="TET2-truncated"),
        pytest.param(
            variant("BCOR", consequence="frameshift_variant"), "likely_pathogenic", ("BCOR",), id="by-consequence"
        ),
        pytest.param(variant("CALR", "p.Leu367fs"), "pathogenic", ("CALR",), id="CALR"),
        pytest.param(variant("NRAS", "c.35G>A"), "pathogenic", ("NRAS",), id="by-coding-name"),
        pytest.param(variant("ABL1", "p.T315I"), "", (), id="listed-is-no-class"),
        pytest.param(variant("TTN", "p.R100*"), "", (), id="gene-of-no-class"),
    ],
)
def test_named_classes_and_hotspots(finding, classification, lesions):
    found = classify(finding)
    assert (found.classification, found.lesions) == (classification, lesions)


@pytest.mark.parametrize(
    "consequence",
    [
        pytest.param("frameshift_variant", id="Sequence-Ontology"),
        pytest.param("frameshift&stop_retained", id="bcftools-csq"),
        pytest.param("FRAME_SHIFT_INS", id="Funcotator"),
        pytest.param("FRAME_SHIFT&SPLICE_SITE_REGION", id="SnpEff-before-4.1"),
        pytest.param("frameshift insertion", id="ANNOVAR"),
        pytest.param("stopgain SNV", id="ANNOVAR-before-2013"),
        pytest.param("splice_donor", id="splice"),
        pytest.param("nonsense", id="CaVEMan"),
        pytest.param("frameshiftDeletion", id="Ion-Reporter"),
        pytest.param("Nonsense_Mutation", id="MAF"),
    ],
)
def test_each_annotators_word_for_a_lost_gene(consequence):
    assert classify(variant("BCOR", consequence=consequence)).classification == "likely_pathogenic"


@pytest.mark.parametrize(
    "consequence", ["missense", "MISSENSE", "NON_SYNONYMOUS_CODING", "synonymous", "splice_region"]
)
def test_a_milder_consequence_loses_no_gene(consequence):
    assert classify(variant("BCOR", consequence=consequence)).classification == ""


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_an_unannotated_hotspot_is_known_by_its_allele(build):
    pos = {"GRCh37": 25457242, "GRCh38": 25234373}[build]
    found = classify(SmallVariant(build=build, chrom="2", pos=pos, ref="C", alt="T"))
    assert (found.classification, found.lesions) == ("pathogenic", ("DNMT3A",))
    assert found.why == "hotspot DNMT3A p.Arg882His (HAMLET, cancerhotspots, usual)"


def test_an_unannotated_frameshift_is_known_by_its_place():
    """Any +4 insertion at NPM1 codon 288, GRCh38 5:171410543."""
    found = classify(SmallVariant(build="GRCh38", chrom="5", pos=171410543, ref="G", alt="GCCAT"))
    assert (found.classification, found.lesions) == ("pathogenic", ("NPM1",))


def test_an_npm1_frameshift_to_the_other_frame_is_no_class():
    found = classify(SmallVariant(build="GRCh38", chrom="5", pos=171410543, ref="G", alt="GCC"))
    assert found.classification == ""


def test_an_in_frame_insertion_at_the_edge_of_the_bzip_range_is_left_open():
    found = classify(variant("CEBPA", "p.Lys350del"))
    assert found.lesions == ("CEBPA",)
    assert "bzip_boundary" in found.flags


def test_a_missense_variant_in_the_bzip_range_is_flagged():
    found = classify(variant("CEBPA", "p.Arg297Pro"))
    assert (found.classification, found.lesions, found.flags) == ("", (), ("bzip_missense",))


def test_the_laboratory_wins_over_everything():
    finding = variant("SRSF2", "P95H", clinical_significance="Pathogenic")
    found = classify(finding, "VUS")
    assert (found.classification, found.lesions) == ("uncertain", ())
    assert found.why == "the laboratory's class 'VUS'"


def test_the_laboratory_makes_a_lesion_of_what_has_no_class():
    found = classify(variant("CEBPA", "p.Lys304_Gln305insLeu"), "likely pathogenic")
    assert found.lesions == ("CEBPA", "CEBPA_bZIP")


def test_clinvar_speaks_before_the_named_classes():
    found = classify(variant("SMC3", "p.R655K", clinical_significance="Pathogenic/Likely_pathogenic"))
    assert (found.classification, found.lesions) == ("pathogenic", ("SMC3",))


def test_an_unclear_clinvar_yields_to_a_hotspot_and_is_flagged():
    found = classify(variant("KIT", "p.D816V", clinical_significance="Conflicting_classifications_of_pathogenicity"))
    assert found.classification == "pathogenic"
    assert "clinvar_uncertain" in found.flags


def test_a_common_variant_is_of_no_class():
    found = classify(variant("TET2", "p.Q1000*", population_af=0.02))
    assert found.classification == ""
    assert found.why == "population frequency 0.02"


def test_the_run_of_g_in_asxl1_is_flagged():
    assert "artefact_prone" in classify(variant("ASXL1", "c.1934dup")).flags


def test_residue_numbers_of_wt1_are_not_trusted_without_version():
    """p.Arg467Trp is a hotspot on NM_024426.6; on an older version it is another residue."""
    assert classify(variant("WT1", "p.Arg467Trp")).classification == ""
    assert classify(variant("WT1", "p.Arg467Trp", transcript="NM_024426.6")).classification == "pathogenic"
