"""Fusions by current symbols, their lesions, directions and junctions."""

from __future__ import annotations

import random

import pytest

from moltrack import resources
from moltrack.model import Breakpoint, Fusion
from moltrack.normalize.fusions import (
    cluster_junctions,
    fusion_pair,
    fusion_pairs,
    lesions_of_pair,
    parse_fusion_name,
    same_junction,
)


@pytest.mark.parametrize(
    ("five", "three", "name", "lesions"),
    [
        ("RUNX1", "RUNX1T1", "RUNX1::RUNX1T1", ("t_8_21",)),
        ("AML1", "ETO", "RUNX1::RUNX1T1", ("t_8_21",)),
        ("CBFB", "MYH11", "CBFB::MYH11", ("inv16_t16_16",)),
        ("PML", "RARA", "PML::RARA", ("t_15_17",)),
        ("ZBTB16", "RARA", "ZBTB16::RARA", ()),
        ("DEK", "CAN", "DEK::NUP214", ("t_6_9",)),
        ("SET", "NUP214", "SET::NUP214", ()),
        ("BCR", "ABL", "BCR::ABL1", ("t_9_22",)),
        ("MLL", "AF9", "KMT2A::MLLT3", ("t_9_11",)),
        ("MLL", "ENL", "KMT2A::MLLT1", ("t_v_11q23_other",)),
        ("KMT2A", "FNBP1", "KMT2A::FNBP1", ("t_v_11q23_other",)),
        ("KMT2A", "NEVERSEEN1", "KMT2A::NEVERSEEN1", ("t_v_11q23_other",)),
        ("KMT2A", "KMT2A", "KMT2A-PTD", ("KMT2A_PTD",)),
        ("MOZ", "CBP", "KAT6A::CREBBP", ("t_8_16",)),
        ("KAT6A", "EP300", "KAT6A::EP300", ()),
        ("KMT2A", "CREBBP", "KMT2A::CREBBP", ("t_v_11q23_other",)),
        ("GATA2", "EVI1", "GATA2::MECOM", ("inv3_t3_3",)),
        ("RPN1", "MECOM", "GATA2::MECOM", ("inv3_t3_3",)),
        ("RUNX1", "MECOM", "RUNX1::MECOM", ("mecom_other",)),
        ("NUP98", "NSD1", "NUP98::NSD1", ()),
    ],
)
def test_lesions_by_pair_of_genes(five, three, name, lesions):
    pair = fusion_pair(Fusion(five, three))
    assert (pair.name, pair.lesions, pair.is_reciprocal) == (name, lesions, False)


@pytest.mark.parametrize(
    ("more", "lesions"),
    [
        pytest.param({"exon5": "8", "exon3": "2"}, ("KMT2A_PTD",), id="exon-8-to-2-doubles-2-to-8"),
        pytest.param({"exon5": "3", "exon3": "3"}, ("KMT2A_PTD",), id="one-exon-doubled"),
        pytest.param({"exon5": "2", "exon3": "8"}, (), id="exon-2-to-8-leaves-3-to-7-out"),
        # KMT2A lies on the + strand: exon 8 ends at 11:118482495, exon 2 begins at 11:118468775 (GRCh38)
        pytest.param(
            {"breakpoint5": Breakpoint("11", 118482495), "breakpoint3": Breakpoint("11", 118468775)},
            ("KMT2A_PTD",),
            id="positions-run-backwards",
        ),
        pytest.param(
            {"breakpoint5": Breakpoint("11", 118468775), "breakpoint3": Breakpoint("11", 118482495)},
            (),
            id="positions-run-forwards",
        ),
        pytest.param(
            {"breakpoint5": Breakpoint("11", 118468775), "breakpoint3": Breakpoint("11", 118482495), "ordered": False},
            ("KMT2A_PTD",),
            id="order-not-told",
        ),
    ],
)
def test_a_gene_joined_to_itself_is_a_duplication_unless_it_runs_forwards(more, lesions):
    assert fusion_pair(Fusion("KMT2A", "KMT2A", **more)).lesions == lesions


@pytest.mark.parametrize("fusion", resources.known_fusions(), ids=lambda item: item.fusion)
def test_the_other_direction_is_the_reciprocal_of_the_same_event(fusion):
    if fusion.gene5 == fusion.gene3:
        return
    pair = fusion_pair(Fusion(fusion.gene3, fusion.gene5))
    assert (pair.name, pair.is_reciprocal, pair.reciprocal_of) == (fusion.fusion, True, fusion.fusion)
    assert pair.lesions == lesions_of_pair(fusion.gene5, fusion.gene3)


def test_without_order_there_is_no_reciprocal():
    pair = fusion_pair(Fusion("MLLT3", "KMT2A", ordered=False))
    assert (pair.name, pair.is_reciprocal) == ("KMT2A::MLLT3", False)


def test_the_partner_of_kmt2a_lies_at_the_3_prime_end_even_when_new():
    assert fusion_pair(Fusion("NEVERSEEN1", "KMT2A")).is_reciprocal


def test_ensembl_ids_win_over_printed_names():
    pair = fusion_pair(Fusion("some clone", "other clone", "ENSG00000118058", "ENSG00000171843"))
    assert pair.name == "KMT2A::MLLT3"


@pytest.mark.parametrize(
    ("gene", "lesions"),
    [("KMT2A", ("kmt2a_r_partner_unknown",)), ("CBFB", ("inv16_t16_16",)), ("ETV6", ()), ("RARA", ())],
)
def test_break_apart_without_partner(gene, lesions):
    pair = fusion_pair(Fusion(gene, "", rearranged_only=True))
    assert (pair.name, pair.lesions, pair.flags) == (f"{gene}::unknown", lesions, ("partner_unknown",))


def test_a_partner_that_is_no_gene_is_unknown():
    assert fusion_pair(Fusion("KMT2A", "intergenic")).lesions == ("kmt2a_r_partner_unknown",)


@pytest.mark.parametrize("more", [{"in_frame": False}, {"confidence": "low"}])
def test_weak_evidence_is_flagged(more):
    assert fusion_pair(Fusion("KMT2A", "ELL", **more)).flags == ("unconfirmed",)


def test_a_new_pair_seen_both_ways_is_one_event_named_by_the_frame():
    pairs = fusion_pairs([Fusion("RUNX1", "SKAP2", in_frame=False), Fusion("SKAP2", "RUNX1", in_frame=True)])
    assert [(pair.name, pair.is_reciprocal) for pair in pairs] == [("SKAP2::RUNX1", True), ("SKAP2::RUNX1", False)]


def test_an_unordered_caller_follows_an_ordered_one():
    pairs = fusion_pairs([Fusion("RUNX1", "SKAP2", ordered=False), Fusion("SKAP2", "RUNX1")])
    assert {pair.name for pair in pairs} == {"SKAP2::RUNX1"}
    assert not any(pair.is_reciprocal for pair in pairs)


@pytest.mark.parametrize("text", ["AML1-ETO", "RUNX1::RUNX1T1", "RUNX1--RUNX1T1", "AML1/ETO"])
def test_a_typed_name_leads_to_the_lesion(text):
    name = parse_fusion_name(text)
    assert fusion_pair(Fusion(name.gene5, name.gene3)).lesions == ("t_8_21",)


# --- junctions --------------------------------------------------------------------------------------------------------


def bcr(pos5: int, pos3: int = 130854064, build: str = "GRCh38", **more) -> Fusion:
    return Fusion(
        "BCR", "ABL1", build=build, breakpoint5=Breakpoint("22", pos5), breakpoint3=Breakpoint("9", pos3), **more
    )


E14A2, E13A2 = bcr(23290413), bcr(23289621)


def test_junctions_within_ten_bases_are_one():
    assert same_junction(E14A2, bcr(23290403)) is True
    assert same_junction(E14A2, bcr(23290402)) is False


def test_exons_of_one_fusion_are_two_junctions_with_their_usual_names():
    junctions = cluster_junctions([E14A2, E13A2, bcr(23290415)])
    assert [(j.name, j.members) for j in junctions] == [("e13a2", (1,)), ("e14a2", (0, 2))]


def test_both_builds_are_one_junction():
    """BCR exon 14 and ABL1 exon 2 on GRCh37."""
    other = bcr(23632600, 133729451, "GRCh37")
    assert same_junction(E14A2, other) is True
    assert len(cluster_junctions([E14A2, other])) == 1


@pytest.mark.parametrize("isoform", ["e14a2", "b3a2"])
def test_an_isoform_by_name_joins_its_junction(isoform):
    [junction] = cluster_junctions([E14A2, Fusion("BCR", "ABL1", isoform=isoform)])
    assert junction.members == (0, 1)


def test_a_junction_of_no_usual_name_is_named_by_its_positions():
    [junction] = cluster_junctions([bcr(23000000)])
    assert junction.name == "22:23000000-9:130854064"


def test_a_finding_without_breakpoints_and_isoform_is_of_no_junction():
    assert cluster_junctions([Fusion("BCR", "ABL1")]) == []
    assert same_junction(E14A2, Fusion("BCR", "ABL1")) is None


def test_junctions_do_not_depend_on_the_order():
    findings = [E14A2, E13A2, bcr(23290415), Fusion("BCR", "ABL1", isoform="e14a2"), bcr(23000000)]
    expected = [(j.name, {findings[i] for i in j.members}) for j in cluster_junctions(findings)]
    for seed in range(10):
        mixed = random.Random(seed).sample(findings, len(findings))
        assert [(j.name, {mixed[i] for i in j.members}) for j in cluster_junctions(mixed)] == expected
