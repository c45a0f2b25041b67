"""One assay name for several techniques: each keeps its own series, in any order of rows."""

from __future__ import annotations

from itertools import permutations

import pytest
from patient_input import DNA, FISH, RNA, call, level, normalized, run

from moltrack.model import Fusion, Itd, Technique

ITD = Itd("FLT3", 24, aggregate=True)
FRAGMENT = Technique.FRAGMENT_ANALYSIS


def itd(text: str, technique: Technique | None, line: int = 2):
    return call(ITD, level(text, "allelic_ratio"), line=line, technique=technique)


def ratios(*calls, technique: Technique = Technique.UNKNOWN):
    """(assay, technique, level) of each allelic ratio."""
    result = normalized(run("S1", "measurements", calls, technique=technique))
    return [(o.assay, o.technique, o.level) for o in result.observations if o.quantity == "allelic_ratio"]


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
def test_two_techniques_are_no_replicates(order):
    rows = [itd("0.6", FRAGMENT, 2), itd("0.3", DNA, 3)]
    assert ratios(*(rows[i] for i in order)) == [
        ("measurements:DNA sequencing", DNA, 0.3),
        ("measurements:fragment analysis", FRAGMENT, 0.6),
    ]


def test_one_technique_keeps_the_name_of_the_assay():
    assert ratios(itd("0.6", FRAGMENT, 2)) == [("measurements", FRAGMENT, 0.6)]
    assert ratios(itd("0.6", None, 2), technique=DNA) == [("measurements", DNA, 0.6)]


def test_replicates_of_one_technique_are_pooled():
    assert ratios(itd("0.6", FRAGMENT, 2), itd("0.4", FRAGMENT, 3)) == [("measurements", FRAGMENT, 0.5)]


def test_a_row_without_technique_does_not_split_a_series():
    assert [assay for assay, _, _ in ratios(itd("0.6", FRAGMENT, 2), itd("0.4", None, 3))] == ["measurements"]


def test_another_sample_keeps_the_plain_name():
    """Who decided about an observation of S2 by its assay finds it again, whatever comes in for S1."""
    first = run("S1", "measurements", [itd("0.6", FRAGMENT, 2), itd("0.3", DNA, 3)], technique=Technique.UNKNOWN)
    later = run("S2", "measurements", [itd("0.1", DNA, 2)], technique=Technique.UNKNOWN)
    assert {o.assay for o in normalized(first, later).observations if o.sample == "S2"} == {"measurements"}


def test_a_fusion_by_rna_and_by_fish():
    rna = call(Fusion("RUNX1", "RUNX1T1"), line=2, technique=RNA)
    fish = call(Fusion("RUNX1", "RUNX1T1"), level("72 %", "cell_fraction"), line=3, technique=FISH)
    for rows in ((rna, fish), (fish, rna)):
        result = normalized(run("S1", "fusions", rows, technique=RNA))
        assert {(o.assay, o.technique) for o in result.observations} == {
            ("fusions:RNA sequencing", RNA),
            ("fusions:FISH", FISH),
        }
