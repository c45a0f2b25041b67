"""Names of fusions, gains and losses, and variants as laboratories type them."""

from __future__ import annotations

import pytest

from moltrack.errors import InputError
from moltrack.formats.clinical.names import copy_number_of, fusion_of, variant_of
from moltrack.model import Change, CopyNumber, Fusion, SmallVariant


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("BCR::ABL1", ("BCR", "ABL1")),
        ("RUNX1--RUNX1T1", ("RUNX1", "RUNX1T1")),
        ("BCR-ABL1", ("BCR", "ABL1")),
        ("CBFB/MYH11", ("CBFB", "MYH11")),
        ("AML1-ETO", ("AML1", "ETO")),
        ("TEL-AML 1", ("TEL", "AML1")),
        ("SKAP2-RUNX1 fusion gene", ("SKAP2", "RUNX1")),
    ],
)
def test_pair_of_genes(text: str, genes: tuple[str, str]) -> None:
    assert fusion_of(text) == Fusion(*genes)


@pytest.mark.parametrize("text", ["NKX2-1", "TP53", "blasts", "MFC-MRD"])
def test_text_without_a_pair_is_no_fusion(text: str) -> None:
    assert fusion_of(text) is None


def test_unknown_partner_is_named() -> None:
    with pytest.raises(InputError, match="'XYZ9' in 'BCR::XYZ9' is not a gene"):
        fusion_of("BCR::XYZ9")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("-7", CopyNumber(Change.LOSS, chrom="7")),
        ("monosomy 7", CopyNumber(Change.LOSS, chrom="7")),
        ("+8", CopyNumber(Change.GAIN, chrom="8")),
        ("Trisomie 8", CopyNumber(Change.GAIN, chrom="8")),
        ("del(5q)", CopyNumber(Change.LOSS, chrom="5", band_start="q", band_end="q")),
        ("del (20q)", CopyNumber(Change.LOSS, chrom="20", band_start="q", band_end="q")),
        ("del(17)(p13)", CopyNumber(Change.LOSS, chrom="17", band_start="p13", band_end="p13")),
        ("del(5)(q13q33)", CopyNumber(Change.LOSS, chrom="5", band_start="q13", band_end="q33")),
        ("-5 or del(5q)", CopyNumber(Change.LOSS, chrom="5", band_start="q", band_end="q")),
        ("17p loss", CopyNumber(Change.LOSS, chrom="17", band_start="p", band_end="p")),
        ("TP53 deletion", CopyNumber(Change.LOSS, gene="TP53")),
        ("del(TP53)", CopyNumber(Change.LOSS, gene="TP53")),
        ("deletion of TP53", CopyNumber(Change.LOSS, gene="TP53")),
        ("MYC amplification", CopyNumber(Change.AMPLIFICATION, gene="MYC")),
    ],
)
def test_gain_or_loss(text: str, finding: CopyNumber) -> None:
    from dataclasses import replace

    assert copy_number_of(text) == replace(finding, nomenclature=text)


@pytest.mark.parametrize("text", ["TP53", "t(8;21)", "normal", "-23", "XYZ9 deletion"])
def test_other_text_is_neither(text: str) -> None:
    assert copy_number_of(text) is None


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("IDH2 p.R140Q", SmallVariant(gene="IDH2", hgvs_p="p.R140Q")),
        ("FLT3 D835Y", SmallVariant(gene="FLT3", hgvs_p="p.D835Y")),
        ("NPM1 c.860_863dup", SmallVariant(gene="NPM1", hgvs_c="c.860_863dup")),
        ("NPM1 mutation", SmallVariant(gene="NPM1")),
        ("TP53", SmallVariant(gene="TP53")),
    ],
)
def test_small_variant(text: str, finding: SmallVariant) -> None:
    assert variant_of(text) == finding


# Falini, N Engl J Med 2005;352:254: types A, B and D
@pytest.mark.parametrize(
    ("kind", "hgvs"), [("A", "c.860_863dup"), ("B", "c.863_864insCATG"), ("D", "c.863_864insCCTG")]
)
def test_type_of_npm1_mutation(kind: str, hgvs: str) -> None:
    found = variant_of(f"NPM1 type {kind}")
    assert found is not None
    assert (found.hgvs_c, found.hgvs_p) == (hgvs, "p.Trp288CysfsTer12")


def test_unknown_word_after_a_gene_is_no_variant() -> None:
    assert variant_of("NPM1 something") is None
