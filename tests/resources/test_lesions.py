"""Lesions, fusions, panels, probes: every name leads somewhere."""

from __future__ import annotations

import pytest

from moltrack import resources
from moltrack.errors import ReferenceError_

LESIONS = [
    "t_8_21",
    "inv16_t16_16",
    "t_15_17",
    "t_6_9",
    "inv3_t3_3",
    "t_9_22",
    "t_9_11",
    "t_v_11q23_other",
    "kmt2a_r_partner_unknown",
    "t_8_16",
    "mecom_other",
    "minus5_5q",
    "minus7",
    "del7q",
    "minus17_abn17p",
    "plus8_8q",
    "plus13",
    "plus21",
    "plus22",
    "minusY",
    "del9q",
    "minus20_20q",
    "complex",
    "monosomal",
    "hyperdiploid",
    "normal_karyotype",
    "FLT3_ITD",
    "KMT2A_PTD",
    "UBTF_TD",
    "BCOR_ITD",
    "CEBPA_bZIP",
    "CEBPA_biallelic",
    "FLT3_TKD",
]


def test_every_lesion_of_the_common_language_is_there():
    assert sorted(resources.lesions()) == sorted(LESIONS)


def test_lesions_name_genes_that_exist():
    for lesion in resources.lesions().values():
        named = {*lesion.genes, *lesion.not_partners, *(gene for pair in lesion.pairs for gene in pair)}
        named |= {lesion.partner_of, lesion.break_apart} - {""}
        assert {gene for gene in named if resources.gene(gene) is None} == set(), lesion.id


def test_no_pair_of_genes_means_two_lesions():
    pairs = [frozenset(pair) for lesion in resources.lesions().values() for pair in lesion.pairs]
    assert len(pairs) == len(set(pairs))


def test_enhancer_moves_have_no_chimeric_transcript():
    """GATA2::MECOM: RNA tests for fusions cannot exclude it."""
    assert not resources.lesions()["inv3_t3_3"].chimeric_transcript
    assert resources.lesions()["t_8_21"].chimeric_transcript


def test_fusions_name_genes_that_exist():
    for fusion in resources.known_fusions():
        assert fusion.fusion == f"{fusion.gene5}::{fusion.gene3}"
        assert resources.gene(fusion.gene5)
        assert resources.gene(fusion.gene3)


def test_junctions_are_in_frame_by_the_exons():
    """The 5' part ends and the 3' part starts in the same phase."""
    for junction in resources.fusion_junctions():
        five = resources.transcript(junction.transcript5).exons[junction.exon5 - 1]
        three = resources.transcript(junction.transcript3).exons[junction.exon3 - 1]
        assert (three.c_start - 1) % 3 == five.c_end % 3, (junction.fusion, junction.isoform)


@pytest.mark.parametrize("build", resources.BUILDS)
def test_junctions_lie_at_exon_ends(build):
    for junction in resources.fusion_junctions():
        five = resources.transcript(junction.transcript5)
        three = resources.transcript(junction.transcript3)
        ends = five.exons[junction.exon5 - 1].spans[build], three.exons[junction.exon3 - 1].spans[build]
        last = ends[0][1] if five.strand == "+" else ends[0][0] + 1
        first = ends[1][0] + 1 if three.strand == "+" else ends[1][1]
        assert (junction.pos5[build], junction.pos3[build]) == (last, first), (junction.fusion, junction.isoform)


def test_panels_and_sets_name_genes_and_lesions_that_exist():
    for panel in resources.gene_sets().values():
        assert {gene for gene in panel.genes if resources.gene(gene) is None} == set(), panel.id
        assert set(panel.lesions) <= set(resources.lesions())
        assert len(set(panel.genes)) == len(panel.genes)


def test_the_myeloid_set_holds_the_genes_that_eln_reads():
    assert set(resources.panels()["eln2022"].genes) <= resources.gene_set("myeloid")
    assert {"IDH1", "IDH2", "NRAS", "KRAS", "DDX41", "FLT3"} <= resources.gene_set("myeloid")


def test_an_unknown_gene_set_is_an_error_that_lists_those_there_are():
    with pytest.raises(ReferenceError_, match=r"'lymphoid' is not a gene set\. Use one of myeloid"):
        resources.gene_set("lymphoid")


def test_probes_name_genes_loci_and_lesions_that_exist():
    for probe in resources.probes().values():
        for name in (*probe.targets, *probe.controls):
            assert resources.gene_symbol(name) or name.upper() in resources.loci(), name
        assert set(probe.lesions) <= set(resources.lesions())


def test_copy_number_rules_name_lesions_and_loci_that_exist():
    for rule in resources.copy_number_rules():
        assert rule.lesion in resources.lesions()
        assert resources.lesions()[rule.lesion].copy_number


def test_bands_of_loci_exist():
    for locus in resources.loci().values():
        assert resources.band_span("GRCh38", locus.chrom, locus.band)


@pytest.mark.parametrize("name", ["midostaurin", "PKC412", "ven", "7+3", "Ara-C", "FLAG-IDA"])
def test_drugs_by_any_name(name):
    assert resources.drug_named(name).drug_class


def test_references_and_examples_are_found():
    assert (resources.references_dir() / "SOURCES.md").is_file()


@pytest.mark.parametrize(
    ("text", "five", "three", "rest"),
    [
        ("AML1-ETO", "RUNX1", "RUNX1T1", ""),
        ("MLL/AF9", "KMT2A", "MLLT3", ""),
        ("MLL-ENL", "KMT2A", "MLLT1", ""),
        ("BCR-ABL1 e14a2", "BCR", "ABL1", "e14a2"),
        ("CBFB-MYH11 (type A)", "CBFB", "MYH11", "type A"),
        ("RUNX1::RUNX1T1", "RUNX1", "RUNX1T1", ""),
        ("RUNX1--RUNX1T1", "RUNX1", "RUNX1T1", ""),
        ("KMT2A_MLLT3", "KMT2A", "MLLT3", ""),
        ("KMT2A:MLLT3", "KMT2A", "MLLT3", ""),
        ("ETV6->ABL1", "ETV6", "ABL1", ""),
        ("MALT1--IGH-@-ext", "MALT1", "IGH", ""),
        ("HLA-A/KMT2A", "HLA-A", "KMT2A", ""),
        ("NKX2-1--ETV6", "NKX2-1", "ETV6", ""),
        ("SKAP2-RUNX1", "SKAP2", "RUNX1", ""),
        ("OTT-MAL", "RBM15", "MRTFA", ""),
        ("PML-RARα", "PML", "RARA", ""),
        ("NUP98-HOXA9 fusion", "NUP98", "HOXA9", ""),
        ("PML/RARA bcr1", "PML", "RARA", "bcr1"),
    ],
)
def test_fusion_names_are_taken_apart(text, five, three, rest):
    name = resources.split_fusion_name(text)
    assert (name.gene5, name.gene3, name.rest) == (five, three, rest)


@pytest.mark.parametrize("text", ["", "KMT2A", "foo-bar", "t(8;21)", "-", "::"])
def test_a_name_that_would_need_guessing_is_none(text):
    assert resources.split_fusion_name(text) is None


@pytest.mark.parametrize("fusion", resources.known_fusions(), ids=lambda item: item.fusion)
def test_every_synonym_of_a_fusion_leads_to_it(fusion):
    for name in fusion.synonyms:
        found = resources.split_fusion_name(name)
        expected = ("RPN1", "MECOM") if fusion.gene5 == "GATA2" and "RPN1" in name else (fusion.gene5, fusion.gene3)
        assert (found.gene5, found.gene3) == expected or fusion.gene5 == fusion.gene3, name


@pytest.mark.parametrize(
    ("name", "lesion"),
    [
        ("t(8;21)", "t_8_21"),
        ("t(8;21)(q22;q22)", "t_8_21"),
        ("Inv(16)", "inv16_t16_16"),
        ("monosomy 7", "minus7"),
        ("−7", "minus7"),
        ("del(5q)", "minus5_5q"),
        ("TP53 deletion", "minus17_abn17p"),
        ("FLT3-ITD", "FLT3_ITD"),
        ("MLL-PTD", "KMT2A_PTD"),
        ("minusY", "minusY"),
    ],
)
def test_lesions_by_the_names_that_reports_use(name, lesion):
    assert resources.lesion_named(name).id == lesion


def test_no_name_stands_for_two_lesions():
    seen: dict[str, str] = {}
    for lesion in resources.lesions().values():
        for name in {lesion.id, lesion.label, lesion.marker, *lesion.iscn, *lesion.aliases}:
            assert seen.setdefault(name.casefold(), lesion.id) == lesion.id, name


def test_an_unknown_lesion_is_none():
    assert resources.lesion_named("t(1;2)") is None
