"""Gains and losses as lesions; shares of cells. Expected numbers by hand from the formulas in the docstrings."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import resources
from moltrack.errors import InputError
from moltrack.model import Change, CopyNumber
from moltrack.normalize.copynumber import (
    cn_loh_fraction_from_baf,
    events_of_segments,
    expected_log2,
    gain_fraction,
    gain_fraction_from_baf,
    lesions_of,
    loss_fraction,
    loss_fraction_from_baf,
    mutated_cell_fraction,
    possible_cell_fractions,
    segment_fraction,
)

LOSS, GAIN, NORMAL, LOH = Change.LOSS, Change.GAIN, Change.NORMAL, Change.CN_LOH


def names(finding: CopyNumber, sex: str = "") -> list[str]:
    return [hit.lesion for hit in lesions_of(finding, sex)]


@pytest.mark.parametrize(
    ("finding", "lesions"),
    [
        pytest.param(CopyNumber(LOSS, gene="TP53"), ["minus17_abn17p"], id="FISH-TP53"),
        pytest.param(CopyNumber(LOSS, gene="p53"), ["minus17_abn17p"], id="old-name"),
        pytest.param(CopyNumber(LOSS, gene="CEP17"), ["minus17_abn17p"], id="centromere-17"),
        pytest.param(CopyNumber(LOSS, gene="EGR1"), ["minus5_5q"], id="FISH-EGR1"),
        pytest.param(CopyNumber(LOSS, gene="D7Z1"), ["minus7"], id="centromere-7"),
        pytest.param(CopyNumber(LOSS, gene="D7S486"), [""], id="7q31-control-unknown"),
        pytest.param(
            CopyNumber(LOSS, gene="D7S486", nomenclature="nuc ish(D7Z1x2,D7S486x1)[60/200]"),
            ["del7q"],
            id="7q31-control-kept",
        ),
        pytest.param(
            CopyNumber(LOSS, gene="D7S486", nomenclature="nuc ish(CEP7x1,D7S486x1)[60/200]"),
            [""],
            id="7q31-control-lost",
        ),
        pytest.param(
            CopyNumber(LOSS, chrom="5", band_start="q31.2", band_end="q31.2", probe="EGR1"),
            ["minus5_5q"],
            id="locus-by-its-band",
        ),
        pytest.param(
            CopyNumber(LOSS, chrom="13", band_start="q14.2", band_end="q14.2", probe="D13S319"),
            [""],
            id="locus-of-no-lesion",
        ),
        pytest.param(
            CopyNumber(LOSS, chrom="7", band_start="q31.2", probe="D7S486", nomenclature="nuc ish(D7S486x1,D7Z1x2)"),
            ["del7q"],
            id="locus-beside-its-control",
        ),
        pytest.param(CopyNumber(GAIN, gene="CEP 8"), ["plus8_8q"], id="centromere-8"),
        pytest.param(CopyNumber(GAIN, gene="TP53"), [""], id="gain-of-TP53"),
        pytest.param(CopyNumber(LOSS, gene="D20S108"), ["minus20_20q"], id="20q12"),
        pytest.param(CopyNumber(NORMAL, gene="TP53"), ["minus17_abn17p"], id="normal-speaks-about-it"),
        pytest.param(
            CopyNumber(LOSS, chrom="17", band_start="p13.3", band_end="p11.2"), ["minus17_abn17p"], id="arr-17p"
        ),
        pytest.param(CopyNumber(LOSS, chrom="17", band_start="q11.2", band_end="q12"), [""], id="arr-17q"),
        pytest.param(CopyNumber(LOSS, chrom="5", band_start="q13", band_end="q33"), ["minus5_5q"], id="arr-5q"),
        pytest.param(CopyNumber(LOSS, chrom="7"), ["minus7"], id="whole-7"),
        pytest.param(CopyNumber(LOSS, chrom="7", band_start="q22", band_end="qter"), ["del7q"], id="arr-7q"),
        pytest.param(CopyNumber(LOSS, chrom="7", band_start="p22", band_end="p11"), [""], id="arr-7p"),
        pytest.param(CopyNumber(GAIN, chrom="8"), ["plus8_8q"], id="whole-8"),
        pytest.param(CopyNumber(GAIN, chrom="13"), ["plus13"], id="whole-13"),
        pytest.param(CopyNumber(LOSS, chrom="Y"), ["minusY"], id="whole-Y"),
        pytest.param(CopyNumber(LOH, chrom="17", band_start="p13.3", band_end="p11.2"), [""], id="CN-LOH-is-no-loss"),
        pytest.param(
            CopyNumber(NORMAL, chrom="5", band_start="q31", band_end="q31"), [""], id="a-normal-band-excludes-nothing"
        ),
        pytest.param(CopyNumber(NORMAL, chrom="5"), ["minus5_5q"], id="a-normal-chromosome-does"),
    ],
)
def test_lesions_of_one_finding(finding, lesions):
    assert names(finding) == lesions


@pytest.mark.parametrize("build", resources.BUILDS)
def test_a_small_loss_over_tp53_counts_and_a_small_one_elsewhere_does_not(build):
    start, end = resources.gene("TP53").spans[build]
    assert names(CopyNumber(LOSS, build=build, chrom="17", start=start - 1000, end=end + 1000)) == ["minus17_abn17p"]
    assert names(CopyNumber(LOSS, build=build, chrom="17", start=100, end=10_000)) == [""]


def test_an_acrocentric_chromosome_is_gained_without_its_short_arm():
    assert names(CopyNumber(GAIN, build="GRCh38", chrom="21", start=14_000_000, end=46_709_983)) == ["plus21"]


def test_a_loss_by_bands_is_flagged():
    [hit] = lesions_of(CopyNumber(LOSS, chrom="5", band_start="q13", band_end="q33"))
    assert hit.flags == ("band_only",)
    assert hit.reason == "loss of 93.1 Mb of 5q (ELN2022 Table 6: -5 or del(5q))"


def test_a_band_that_does_not_exist_is_said():
    [hit] = lesions_of(CopyNumber(LOSS, chrom="5", band_start="z1"))
    assert (hit.reason, hit.flags) == ("chromosome 5 has no band 'z1'.", ("place_unknown",))


def test_a_finding_without_place_is_said():
    [hit] = lesions_of(CopyNumber(LOSS))
    assert hit.reason == "the finding names neither gene nor chromosome"


def test_other_changes_have_a_name_of_their_own():
    [hit] = lesions_of(CopyNumber(LOSS, build="GRCh38", chrom="12", start=11_700_000, end=12_000_000))
    assert hit.name == "loss 12p13.2"


# --- segments ---------------------------------------------------------------------------------------------------------


def segment(chrom: str, start: int, end: int, change: Change = LOSS, **more) -> CopyNumber:
    return CopyNumber(change, build="GRCh38", chrom=chrom, start=start, end=end, **more)


def test_a_chromosome_lost_in_pieces_is_one_monosomy():
    pieces = [
        segment("7", 10_000, 60_000_000),
        segment("7", 62_000_000, 100_000_000),
        segment("7", 100_000_000, 159_300_000),
    ]
    assert [hit.lesion for hit in events_of_segments(pieces, "GRCh38") if hit.lesion] == ["minus7"]


def test_segments_over_genes_are_hits_of_their_own():
    hits = events_of_segments([segment("21", 34_000_000, 36_500_000, log2=-1.0)], "GRCh38")
    own = next(hit for hit in hits if hit.gene == "RUNX1")
    assert (own.name, own.fraction, own.reason) == ("RUNX1 loss", 1.0, "segment over RUNX1")


def test_tp53_is_told_once():
    hits = events_of_segments([segment("17", 10_000, 10_000_000, log2=-0.5)], "GRCh38")
    assert [hit.name for hit in hits] == ["minus17_abn17p"]
    assert hits[0].fraction == pytest.approx(0.5858, abs=1e-4)


def test_cn_loh_of_17p_is_a_hit_of_tp53_and_no_loss():
    hits = events_of_segments([segment("17", 10_000, 22_000_000, LOH, baf=0.9)], "GRCh38")
    assert "minus17_abn17p" not in {hit.lesion for hit in hits}
    assert next(hit for hit in hits if hit.gene == "TP53").fraction == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("chrom", "sex", "lesion", "reason"),
    [
        ("Y", "male", "minusY", "loss of 100% of Y (convention)"),
        ("Y", "female", "", "no Y is normal in a female"),
        ("X", "male", "", "one X is normal in a male"),
    ],
)
def test_sex_chromosomes_are_judged_by_sex(chrom, sex, lesion, reason):
    length = resources.chromosome_length("GRCh38", chrom)
    [hit] = events_of_segments([segment(chrom, 0, length, total=1.0)], "GRCh38", sex)
    assert (hit.lesion, hit.reason) == (lesion, reason)


def test_normal_segments_make_no_event():
    assert events_of_segments([segment("7", 0, 159_345_973, NORMAL)], "GRCh38") == []


# --- shares of cells --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "value", "share"),
    [
        (loss_fraction, -1.0, 1.0),
        (loss_fraction, math.log2(0.75), 0.5),
        (loss_fraction, 0.2, 0.0),
        (gain_fraction, math.log2(1.5), 1.0),
        (gain_fraction, math.log2(1.25), 0.5),
        (loss_fraction_from_baf, 0.5, 0.0),
        (loss_fraction_from_baf, 1.0, 1.0),
        (loss_fraction_from_baf, 1 / 3, 0.5),
        (cn_loh_fraction_from_baf, 0.9, 0.8),
        (gain_fraction_from_baf, 2 / 3, 1.0),
        (gain_fraction_from_baf, 0.6, 0.5),
    ],
)
def test_shares_by_hand(formula, value, share):
    assert formula(value) == pytest.approx(share)


@given(st.floats(0, 1))
def test_log2_and_share_of_a_loss_undo_each_other(share):
    assert loss_fraction(expected_log2(1, share)) == pytest.approx(share, abs=1e-9)


@given(st.floats(0, 1))
def test_log2_and_share_of_a_gain_undo_each_other(share):
    assert gain_fraction(expected_log2(3, share)) == pytest.approx(share, abs=1e-9)


@given(st.floats(0, 0.999))
def test_baf_and_share_of_a_loss_undo_each_other(share):
    assert loss_fraction_from_baf(1 / (2 - share)) == pytest.approx(share, abs=1e-9)


def test_purity_gives_the_share_of_a_clonal_event():
    share, formula = segment_fraction(CopyNumber(LOSS, total=1.0, purity=0.6))
    assert (share, formula) == (0.6, "purity x part of a copy lost or gained by tumour cells")


def test_a_finding_without_numbers_has_no_share():
    assert segment_fraction(CopyNumber(LOSS)) == (None, "")


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        pytest.param((1, 2), lambda v: 2 * v, id="heterozygous"),
        pytest.param((2, 2), lambda v: v, id="CN-LOH"),
        pytest.param((1, 1), lambda v: 2 * v / (1 + v), id="only-copy-left"),
        pytest.param((1, 3), lambda v: 2 * v / (1 - v), id="trisomy-1-of-3"),
        pytest.param((2, 3), lambda v: 2 * v / (2 - v), id="trisomy-2-of-3"),
    ],
)
@given(vaf=st.floats(0, 0.9))
def test_vaf_to_cells_in_each_situation(copies, expected, vaf):
    assert mutated_cell_fraction(vaf, *copies) == pytest.approx(expected(vaf))


@given(st.floats(0, 1), st.sampled_from([(1, 2), (2, 2), (1, 1), (1, 3), (2, 3)]))
def test_vaf_and_share_undo_each_other(share, copies):
    mutated, total = copies
    vaf = mutated * share / (total * share + 2 * (1 - share))
    assert mutated_cell_fraction(vaf, mutated, total) == pytest.approx(share, abs=1e-9)


def test_on_a_single_x_the_share_is_the_vaf():
    assert mutated_cell_fraction(0.42, 1, 1, 1) == 0.42


def test_a_vaf_of_60_percent_rules_heterozygous_out():
    """CN-LOH 0.60, loss 0.75."""
    found = possible_cell_fractions(0.6)
    assert "heterozygous" not in found
    assert found["cn_loh"] == pytest.approx(0.6)
    assert found["loss"] == pytest.approx(0.75)


def test_a_percentage_is_no_vaf():
    with pytest.raises(InputError, match="12 is not a VAF"):
        mutated_cell_fraction(12)


@pytest.mark.parametrize(
    "segment",
    [
        pytest.param(CopyNumber(Change.LOSS, build="GRCh38", chrom="7", start=0, end=159_000_000), id="lesion"),
        pytest.param(CopyNumber(Change.CN_LOH, build="GRCh38", chrom="17", start=0, end=22_000_000), id="stretch"),
        pytest.param(CopyNumber(Change.LOSS, build="GRCh38", chrom="X", start=0, end=156_000_000), id="sex"),
    ],
)
def test_hits_of_segments_say_their_chromosome(segment):
    assert {hit.chrom for hit in events_of_segments([segment], "GRCh38", "male")} == {segment.chrom}
