"""Bands and chromosomes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from moltrack import resources
from moltrack.errors import InputError


@pytest.mark.parametrize("build", resources.BUILDS)
def test_bands_cover_each_chromosome_without_gap(build):
    for chrom, bands in resources.bands(build).items():
        assert bands[0].start == 0
        assert bands[-1].end == resources.chromosome_length(build, chrom)
        assert all(left.end == right.start for left, right in pairwise(bands))
    assert set(resources.bands(build)) == set(resources.chromosomes())


@pytest.mark.parametrize(
    ("gene", "band"),
    [("TP53", "p13.1"), ("KMT2A", "q23.3"), ("RUNX1", "q22.12"), ("FLT3", "q12.2")],
)
@pytest.mark.parametrize("build", resources.BUILDS)
def test_genes_lie_in_their_bands(build, gene, band):
    own = resources.gene(gene)
    assert resources.band_at(build, own.chrom, own.spans[build][0] + 1) == band


def test_a_band_of_lower_resolution_covers_its_sub_bands():
    start, end = resources.band_span("GRCh38", "8", "q22")
    assert resources.band_at("GRCh38", "8", start + 1) == "q22.1"
    assert resources.band_at("GRCh38", "8", end) == "q22.3"


def test_bands_may_be_given_in_either_order():
    assert resources.band_span("GRCh38", "17", "p13.3", "p11.2") == resources.band_span(
        "GRCh38", "17", "p11.2", "p13.3"
    )


def test_pter_to_qter_is_the_whole_chromosome():
    assert resources.band_span("GRCh37", "7", "pter", "qter") == (0, 159138663)


@pytest.mark.parametrize("band", ["q34.1", "p23.3", "q10", "p10", "cen", "q22.1"])
def test_bands_as_iscn_prints_them_are_found(band):
    chrom = {"p23.3": "6", "q22.1": "21"}.get(band, "9")
    assert resources.band_span("GRCh38", chrom, band)


def test_an_unknown_band_is_an_error_that_names_it():
    with pytest.raises(InputError, match="chromosome 5 has no band 'z1'"):
        resources.band_span("GRCh38", "5", "z1")


def test_arms_meet_at_the_centromere():
    assert resources.arm_span("GRCh38", "7", "p")[1] == resources.arm_span("GRCh38", "7", "q")[0]


def test_heterochromatin_is_not_assayed():
    start, end = resources.arm_span("GRCh38", "21", "p")
    [(low, high)] = resources.assayed_spans("GRCh38", "21", start, end)[:1] or [(0, 0)]
    assert high - low < end - start


@pytest.mark.parametrize(
    ("lengths", "build"),
    [
        ({"chr1": 248956422}, "GRCh38"),
        ({"1": 249250621, "MT": 16569}, "GRCh37"),
        ({"NC_000013.11": 114364328}, "GRCh38"),
        ({"chr1": 249250621, "chr2": 242193529}, ""),
        ({"chr1": 1000}, ""),
        ({}, ""),
    ],
)
def test_build_from_contig_lengths(lengths, build):
    assert resources.build_of_contigs(lengths) == build


def test_an_unknown_build_is_an_error():
    with pytest.raises(InputError, match=r"'hg19' is not a genome build\. Use GRCh37 or GRCh38\."):
        resources.bands("hg19")
