"""What a PCR target measures, by the name that laboratories give it."""

from __future__ import annotations

import pytest

from moltrack.formats.pcr.targets import control_gene, finding_of, is_wild_type
from moltrack.model import Fusion, Itd, MarkerKind, Measured, SmallVariant


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        pytest.param("RUNX1::RUNX1T1", Fusion("RUNX1", "RUNX1T1"), id="fusion"),
        pytest.param("BCR-ABL1 p210", Fusion("BCR", "ABL1", isoform="p210"), id="fusion-with-isoform"),
        pytest.param("CBFB-MYH11 type A", Fusion("CBFB", "MYH11", isoform="type A"), id="fusion-with-type"),
        pytest.param("PML-RARA bcr1", Fusion("PML", "RARA", isoform="bcr1"), id="fusion-with-breakpoint-cluster"),
        pytest.param("PML::RARA_FAM", Fusion("PML", "RARA"), id="fusion-with-dye"),
        pytest.param("WT1", Measured(MarkerKind.EXPRESSION, "WT1", gene="WT1"), id="expression"),
        pytest.param("CAR19", Measured(MarkerKind.ANALYTE, "CAR19"), id="transgene"),
        pytest.param("CAR transgene", Measured(MarkerKind.ANALYTE, "CAR transgene"), id="transgene-in-words"),
        pytest.param("FLT3-ITD", Itd("FLT3"), id="itd"),
        pytest.param("Target_7", Measured(MarkerKind.ANALYTE, "Target_7"), id="unknown-name"),
    ],
)
def test_a_target_is_what_its_name_says(name, finding):
    assert finding_of(name) == finding


@pytest.mark.parametrize("name", ["NPM1 type A", "NPM1 mut A", "NPM1_MutA", "NPM1-mutA", "NPM1 mutation type A"])
def test_npm1_type_a_is_the_duplication_of_tctg(name):
    finding = finding_of(name)
    assert isinstance(finding, SmallVariant)
    assert (finding.gene, finding.hgvs_c) == ("NPM1", "c.860_863dup")


@pytest.mark.parametrize("name", ["NPM1mut", "NPM1 mut", "NPM1 mutation"])
def test_npm1_mutant_of_any_type_is_a_variant_of_npm1(name):
    finding = finding_of(name)
    assert isinstance(finding, SmallVariant)
    assert (finding.gene, finding.hgvs_c) == ("NPM1", "")


def test_a_protein_change_is_a_variant():
    assert finding_of("IDH2 R140Q") == SmallVariant(gene="IDH2", hgvs_p="p.R140Q")


@pytest.mark.parametrize(
    ("name", "gene"),
    [
        ("ABL1", "ABL1"),
        ("ABL", "ABL1"),
        ("GUS", "GUSB"),
        ("B2M_HEX", "B2M"),
        ("RNase P", "RPP30"),
        ("BCR-ABL1", ""),
        ("NPM1", ""),
    ],
)
def test_control_genes_are_known_by_their_usual_names(name, gene):
    assert control_gene(name) == gene


@pytest.mark.parametrize(
    ("name", "answer"),
    [("WTspecific_HEX", True), ("IDH2 wt", True), ("NPM1 wild type", True), ("WT1", False), ("NPM1mut", False)],
)
def test_wild_type_assays_are_not_the_gene_wt1(name, answer):
    assert is_wild_type(name) is answer
