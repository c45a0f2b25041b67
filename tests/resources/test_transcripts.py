"""Exons and c. numbering. Positions are those of published calls (NPM1 type A, KIT D816V, ...) in both builds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import resources

CODING = [item for chrom in resources.chromosomes() for item in resources.transcripts_on(chrom) if item.coding_exons]


def test_every_coding_sequence_is_divisible_by_three():
    assert [item.accession for item in CODING if item.cds_length % 3] == []


def test_protein_lengths_follow_from_the_exons():
    for symbol, gene in resources.genes().items():
        own = resources.transcript(symbol)
        if own is not None:
            assert own.protein_aa == gene.protein_aa, symbol


def test_coding_parts_follow_each_other_without_gap():
    for item in CODING:
        edges = [(exon.c_start, exon.c_end) for exon in item.coding_exons]
        assert edges[0][0] == 1
        assert all(right[0] == left[1] + 1 for left, right in pairwise(edges)), item.accession


def test_exons_have_the_same_length_in_both_builds_and_do_not_overlap():
    for item in CODING:
        for build in resources.BUILDS:
            spans = sorted(exon.spans[build] for exon in item.exons)
            assert all(left[1] <= right[0] for left, right in pairwise(spans)), item.accession
        assert all(len({end - start for start, end in exon.spans.values()}) == 1 for exon in item.exons)


@pytest.mark.parametrize(
    ("gene", "build", "pos", "c"),
    [
        pytest.param("NPM1", "GRCh38", 171410539, "859", id="before-type-A"),
        pytest.param("NPM1", "GRCh37", 170837543, "859", id="before-type-A-GRCh37"),
        pytest.param("KIT", "GRCh37", 55599321, "2447", id="KIT-D816V"),
        pytest.param("JAK2", "GRCh38", 5073770, "1849", id="JAK2-V617F"),
        pytest.param("DNMT3A", "GRCh37", 25457242, "2645", id="DNMT3A-R882H"),
        pytest.param("FLT3", "GRCh38", 28018504, "2504", id="FLT3-D835V"),
        pytest.param("FLT3", "GRCh38", 28034214, "1705", id="first-base-of-exon-14"),
        pytest.param("FLT3", "GRCh38", 28034215, "1705-1", id="intron-before-it"),
        pytest.param("CEBPA", "GRCh38", 33302415, "-1", id="5-prime-UTR"),
        pytest.param("TP53", "GRCh38", 7674220, "743", id="TP53-R248Q"),
    ],
)
def test_c_position_of_a_genomic_position(gene, build, pos, c):
    transcript = resources.transcript(gene)
    assert transcript.c_position(build, pos) == c
    assert transcript.position(build, c) == pos


def test_cds_of_cebpa_spans_what_refseq_says():
    transcript = resources.transcript("CEBPA")
    assert transcript.position("GRCh38", "c.1") == 33302414
    assert transcript.position("GRCh38", f"c.{transcript.cds_length}") == 33301338


@given(st.sampled_from(CODING), st.data())
def test_c_position_and_position_undo_each_other(transcript, data):
    build = data.draw(st.sampled_from(resources.BUILDS))
    spans = [exon.spans[build] for exon in transcript.exons]
    low, high = min(start for start, _ in spans), max(end for _, end in spans)
    pos = data.draw(st.integers(low + 1, high))
    c = transcript.c_position(build, pos)
    assert transcript.position(build, c) == pos


def test_an_offset_from_inside_an_exon_is_no_position():
    assert resources.transcript("NPM1").position("GRCh38", "c.860+2") is None


def test_an_accession_works_with_and_without_its_version():
    assert resources.transcript("NM_002520") is resources.transcript("NM_002520.7")


def test_another_version_is_not_taken_for_the_one_held():
    assert resources.transcript("NM_024426.4") is None


def test_the_codon_over_a_position():
    assert resources.transcript("IDH2").codon("GRCh37", 90631934) == 140


@given(st.sampled_from(CODING), st.sampled_from(resources.BUILDS))
def test_coding_spans_hold_every_base_of_the_coding_sequence_once(transcript, build):
    spans = transcript.coding_spans(build)
    if all(build in exon.spans for exon in transcript.coding_exons):
        assert sum(end - start for _, start, end in spans) == transcript.cds_length


def test_coding_spans_of_some_codons():
    """FLT3 D835 and I836 are c.2503 to c.2508, minus strand, exon 20; c.2503 is 13:28018505 on GRCh38."""
    assert resources.transcript("FLT3").coding_spans("GRCh38", 2503, 2508) == ((20, 28018499, 28018505),)
