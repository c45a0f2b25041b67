"""What readers of ITD callers share: spelling of insertions, the build of a site, infinite ratios."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack.formats.itd.calls import build_of_site, itd_gene_at, ratio_levels, reverse_complement, trimmed
from moltrack.model import Printed

BASES = st.text("ACGT", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "expected"),
    [
        (10, "T", "TACG", (10, "ACG")),
        (10, "CTCTGG", "CTCTGTCTGG", (10, "TCTG")),
        (10, "AACGT", "AACGTACGT", (10, "ACGT")),
    ],
)
def test_insertion_is_trimmed_to_its_anchor(pos: int, ref: str, alt: str, expected: tuple[int, str]) -> None:
    assert trimmed(pos, ref, alt) == expected


@given(BASES, BASES, BASES)
def test_trimming_keeps_the_sequence(before: str, inserted: str, after: str) -> None:
    pos, found = trimmed(100, before + after, before + inserted + after)
    anchor = pos - 100 + 1
    reference = before + after
    assert reference[:anchor] + found + reference[anchor:] == before + inserted + after
    assert len(found) == len(inserted)


@given(BASES)
def test_reverse_complement_undoes_itself(sequence: str) -> None:
    assert reverse_complement(reverse_complement(sequence)) == sequence


# FLT3 exon 14 ends at c.1837, exon 15 begins at c.1838; GRCh37 13:28608024-28608352, GRCh38 13:28033887-28034215
@pytest.mark.parametrize(
    ("build", "pos", "gene"),
    [("GRCh37", 28608260, "FLT3"), ("GRCh38", 28034123, "FLT3"), ("GRCh37", 28592642, ""), ("GRCh38", 28608260, "")],
)
def test_duplicated_exons(build: str, pos: int, gene: str) -> None:
    assert itd_gene_at(build, "13", pos) == gene


@pytest.mark.parametrize(("pos", "build"), [(28608260, "GRCh37"), (28034081, "GRCh38"), (28000000, "")])
def test_site_tells_its_build(pos: int, build: str) -> None:
    assert build_of_site("13", pos) == build


def test_infinite_ratio_is_a_note_beside_its_fraction() -> None:
    vaf = Printed("vaf", Decimal(1), "fraction", "1")
    assert ratio_levels("Inf", vaf) == ((vaf,), ("allelic ratio infinite: no wild-type read",))
