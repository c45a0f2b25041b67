"""Cells of fusion tables: names, frames, chromosomes."""

from __future__ import annotations

import pytest

from moltrack.formats.fusions.partners import Partner, chromosome, frame, partner, split_name, words


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        pytest.param("RUNX1::RUNX1T1", ("RUNX1", "RUNX1T1"), id="hgnc"),
        pytest.param("PML--RARA", ("PML", "RARA"), id="star-fusion"),
        pytest.param("MALT1--IGH-@-ext", ("MALT1", "IGH-@-ext"), id="hyphens-in-the-partner"),
        pytest.param("CBFB-MYH11", ("CBFB", "MYH11"), id="one-hyphen"),
        pytest.param("KMT2A/MLLT3", ("KMT2A", "MLLT3"), id="slash"),
        pytest.param("RUNX1T1", None, id="no-pair"),
        pytest.param("::RARA", None, id="half-a-pair"),
    ],
)
def test_fusion_name_splits_into_its_genes(name, pair):
    assert split_name(name) == pair


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("in-frame", True),
        ("INFRAME", True),
        ("inframe-shift", True),
        ("TRUE", True),
        ("out-of-frame", False),
        ("FrameShift", False),
        (".", None),
        ("intronic/CDS", None),
    ],
)
def test_reading_frame_is_yes_no_or_unknown(text, answer):
    assert frame(text) is answer


def test_chromosomes_lose_chr_and_the_mitochondrion_is_mt():
    assert [chromosome(name) for name in ("chr8", "8", "chrx", "chrM", "GL000192.1")] == [
        "8",
        "8",
        "X",
        "MT",
        "GL000192.1",
    ]


def test_ensembl_version_is_dropped():
    assert partner("ENSG00000186716.15") == Partner("ENSG00000186716", "ENSG00000186716")


def test_of_several_genes_the_one_that_the_references_know_is_taken():
    assert partner("RP11-21A7A.3;RUNX1") == Partner("RUNX1", "", "several genes at the breakpoint: RP11-21A7A.3;RUNX1")


def test_words_that_say_passed_are_no_filters():
    assert words("PASS") == words(".") == words("0", {"0"}) == ()
    assert words("homology,minfrag") == ("homology", "minfrag")
