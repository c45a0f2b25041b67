"""Hotspots agree with the exons; classes name what exists."""

from __future__ import annotations

import re

import pytest

from moltrack import resources
from moltrack.model import MarkerKind

HOTSPOTS = resources.hotspots()


@pytest.mark.parametrize("build", resources.BUILDS)
def test_hotspots_lie_on_their_codon(build):
    for item in HOTSPOTS:
        allele, residue = item.alleles[build], re.match(r"p\.[A-Z][a-z]{2}(\d+)[A-Z][a-z]{2}$", item.hgvs_p)
        if residue and len(allele.ref) == len(allele.alt) == 1:
            transcript = resources.transcript(item.transcript)
            assert transcript.codon(build, allele.pos) == int(residue[1]), item.hgvs_c


@pytest.mark.parametrize("build", resources.BUILDS)
def test_coding_position_of_a_substitution_is_that_of_its_name(build):
    for item in HOTSPOTS:
        if match := re.match(r"c\.(\d+)[ACGT]>", item.hgvs_c):
            transcript = resources.transcript(item.transcript)
            assert transcript.c_position(build, item.alleles[build].pos) == match[1], item.hgvs_c


@pytest.mark.parametrize("build", resources.BUILDS)
def test_hotspots_lie_in_their_exon(build):
    for item in HOTSPOTS:
        exon = resources.transcript(item.transcript).exon_at(build, item.alleles[build].pos)
        assert exon is not None
        assert str(exon.number) == item.exon


def test_alleles_are_the_same_in_both_builds():
    for item in HOTSPOTS:
        old, new = (item.alleles[build] for build in resources.BUILDS)
        assert (old.chrom, old.ref, old.alt) == (new.chrom, new.ref, new.alt)


def test_no_hotspot_is_listed_twice():
    assert len({(item.gene, item.hgvs_c) for item in HOTSPOTS}) == len(HOTSPOTS)


def test_classes_name_genes_and_lesions_that_exist():
    for item in resources.variant_classes():
        assert all(resources.gene(gene) for gene in item.genes), item.id
        assert set(item.lesions) <= set(resources.lesions()), item.id
        assert item.classification in {"pathogenic", "likely_pathogenic", ""}
        assert item.basis in {"stated", "convention"}
        assert item.source


def test_codons_of_classes_lie_in_their_proteins():
    for item in resources.variant_classes():
        for gene in item.genes:
            length = resources.gene(gene).protein_aa
            assert all(1 <= first <= last <= length for first, last in item.codons + item.boundary), item.id


_CODE = {
    f"{a}{b}{c}": aa
    for (a, b, c), aa in zip(
        ((a, b, c) for a in "TCAG" for b in "TCAG" for c in "TCAG"),
        "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
        strict=True,
    )
}


@pytest.mark.parametrize("build", resources.BUILDS)
def test_the_amplicon_translates_to_flt3(build):
    """Exon 14 is c.1705 to c.1837; the protein there reads QFRYESQLQMVQVTGSSDNEYFYVDFREYEYDLKWEFPRENLEFG (NP_004110.2, 569-612)."""
    amplicon = resources.flt3_amplicon()
    chrom, start, end = amplicon.spans[build]
    transcript = resources.transcript("FLT3")
    first = end - transcript.position(build, "c.1705")
    exon = amplicon.sequence[first : first + 133]
    protein = "".join(_CODE[exon[i : i + 3]] for i in range(0, 132, 3))
    assert (chrom, end - start) == ("13", len(amplicon.sequence))
    assert protein == "QFRYESQLQMVQVTGSSDNEYFYVDFREYEYDLKWEFPRENLEF"


def test_kinds_of_lesions_are_marker_kinds():
    assert {lesion.kind for lesion in resources.lesions().values()} <= set(MarkerKind)
