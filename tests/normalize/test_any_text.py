"""Whatever a laboratory types, identity functions answer and never raise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moltrack import resources
from moltrack.model import Change, CopyNumber, Fusion, SmallVariant
from moltrack.normalize.classes import classify, read_class
from moltrack.normalize.copynumber import lesions_of
from moltrack.normalize.fusions import fusion_pair
from moltrack.normalize.hgvs import coding_name, group_variants, hotspot_name, protein_name, read_name
from moltrack.normalize.itd import itd_from_small_variant

#: Pieces of names in any order: closer to what people type than arbitrary characters.
TYPED = st.lists(
    st.sampled_from(
        [
            "c.",
            "p.",
            "g.",
            "860",
            "_",
            "863",
            "dup",
            "del",
            "ins",
            "TCTG",
            "W",
            "288",
            "Trp",
            "fs",
            "*",
            "Ter12",
            ">",
            "A",
            "G",
            "+",
            "-",
            "2",
            "(",
            ")",
            ":",
            "NM_002520.7",
            "NPM1",
            "FLT3",
            "MLL",
            "type",
            "=",
            "?",
            "",
        ]
    ),
    max_size=8,
).map("".join)
TEXT = st.one_of(TYPED, st.text(max_size=20))
GENES = st.sampled_from(["NPM1", "FLT3", "CEBPA", "TP53", "WT1", "XYZ", ""])
ALLELES = st.one_of(st.text("ACGT", min_size=1, max_size=4), st.sampled_from(["<DEL>", "*", ".", "N", "A[2:3["]))


@st.composite
def small_variants(draw):
    where = draw(st.sampled_from([("5", 171410539), ("13", 28034100), ("19", 33301475), ("1", 5)]))
    placed = draw(st.booleans())
    return SmallVariant(
        build=draw(st.sampled_from(["GRCh37", "GRCh38", ""])),
        chrom=where[0] if placed else "",
        pos=where[1] + draw(st.integers(-5, 5)) if placed else None,
        ref=draw(ALLELES) if placed else "",
        alt=draw(ALLELES) if placed else "",
        gene=draw(GENES),
        transcript=draw(st.sampled_from(["", "NM_002520.7", "NM_1", "ENST1"])),
        hgvs_c=draw(TEXT),
        hgvs_p=draw(TEXT),
    )


@given(TEXT)
def test_names_are_read_or_left(text):
    for name in (protein_name(text), coding_name(text)):
        assert name == "" or name[:2] in {"p.", "c."}
    assert protein_name(protein_name(text)) == protein_name(text)
    assert coding_name(coding_name(text)) == coding_name(text)
    read_name(text)
    read_class(text)
    resources.split_fusion_name(text)
    resources.lesion_named(text)


@given(st.lists(small_variants(), max_size=6))
def test_every_small_variant_is_of_exactly_one_group(findings):
    members = [index for group in group_variants(findings) for index in group.members]
    assert sorted(members) == list(range(len(findings)))


@given(st.lists(small_variants(), max_size=6), st.randoms())
def test_groups_do_not_depend_on_the_order(findings, random):
    mixed = random.sample(findings, len(findings))

    def told(items):
        return sorted((g.key, sorted(repr(items[i]) for i in g.members), g.reasons) for g in group_variants(items))

    assert told(mixed) == told(findings)


@given(small_variants(), TEXT)
def test_every_small_variant_has_a_class_or_none(finding, classification):
    found = classify(finding, classification)
    assert bool(found.lesions) <= (found.classification in {"pathogenic", "likely_pathogenic"})
    hotspot_name(finding)
    itd_from_small_variant(finding)


@given(TEXT, TEXT, st.booleans())
def test_every_fusion_has_a_name(five, three, ordered):
    assert "::" in fusion_pair(Fusion(five, three, ordered=ordered)).name or five.strip() == three.strip() != ""


@given(
    st.sampled_from(list(Change)),
    st.sampled_from(["TP53", "D7S486", "XYZ", ""]),
    st.sampled_from(["5", "X", "99", ""]),
    st.sampled_from(["", "q31", "p13.1", "z", "qter", "cen"]),
    st.sampled_from(["", "q33", "q10", "p"]),
)
def test_every_copy_number_change_means_something(change, gene, chrom, low, high):
    assert lesions_of(CopyNumber(change, gene=gene, chrom=chrom, band_start=low, band_end=high))
