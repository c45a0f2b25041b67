"""One assay name for several techniques: each keeps its own series, in any order of rows."""

from __future__ import annotations

from itertools import permutations

import pytest
from patient_input import DNA, FISH, KARYOTYPE, RNA, call, level, normalized, override, run

from moltrack.model import Fusion, Itd, Karyotype, KaryotypeEvent, MarkerKind, Measured, Status, Technique

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


def test_techniques_of_different_samples_are_two_series():
    """Blasts by morphology in one sample and by flow cytometry in the next, in one table without assays."""
    blasts = Measured(MarkerKind.BLASTS, "blasts")
    runs = [
        run("S1", "measurements", [call(blasts, level("60 %", "cell_fraction"), technique=Technique.MORPHOLOGY)]),
        run("S2", "measurements", [call(blasts, level("2 %", "cell_fraction"), technique=Technique.FLOW)]),
        run("S3", "measurements", [call(blasts, level("5 %", "cell_fraction"), technique=Technique.MORPHOLOGY)]),
    ]
    for order in permutations(runs):
        assert [(o.sample, o.assay) for o in normalized(*order).observations] == [
            ("S1", "measurements:morphology"),
            ("S2", "measurements:flow cytometry"),
            ("S3", "measurements:morphology"),
        ]


def test_an_observation_without_technique_keeps_the_plain_name():
    first = run("S1", "measurements", [itd("0.6", FRAGMENT, 2)], technique=Technique.UNKNOWN)
    second = run("S2", "measurements", [itd("0.3", DNA, 2)], technique=Technique.UNKNOWN)
    third = run("S3", "measurements", [itd("0.1", None, 2)], technique=Technique.UNKNOWN)
    found = normalized(first, second, third).observations
    assert {o.assay for o in found if o.sample == "S3"} == {"measurements"}


@pytest.mark.parametrize("name", ["measurements", "measurements:DNA sequencing"])
def test_a_decision_finds_its_observation_whatever_comes_in_for_other_samples(name):
    first = run("S1", "measurements", [itd("0.6", FRAGMENT, 2)], technique=Technique.UNKNOWN)
    later = run("S2", "measurements", [itd("0.1", DNA, 2)], technique=Technique.UNKNOWN)
    void = override("void", f"S2/{name}/FLT3-ITD")
    for runs in ((later,), (first, later)):
        result = normalized(*runs, overrides=[void])
        assert {o.status for o in result.observations if o.sample == "S2"} == {Status.NOT_EVALUABLE}
        assert result.messages == ()


def test_a_marker_can_be_split_by_technique():
    runs = [
        run("S1", "measurements", [itd("0.6", FRAGMENT, 2)], technique=Technique.UNKNOWN),
        run("S2", "measurements", [itd("0.1", DNA, 2)], technique=Technique.UNKNOWN),
    ]
    result = normalized(*runs, overrides=[override("split", "FLT3-ITD", "measurements:DNA sequencing")])
    found = {(o.sample, o.marker) for o in result.observations}
    assert found == {("S1", "FLT3-ITD"), ("S2", "FLT3-ITD [measurements:DNA sequencing]")}


def test_fish_beside_a_karyotype_of_the_same_assay_does_not_hide_what_the_karyotype_shows():
    event = KaryotypeEvent("-7", lesions=("minus7",))
    calls = [
        call(event, level("9/20", "cell_fraction"), technique=KARYOTYPE),
        call(Karyotype("45,XX,-7[9]/46,XX[11]", 20, (("minus7", True),)), technique=KARYOTYPE),
        call(event, level("50 %", "cell_fraction"), line=3, technique=FISH),
    ]
    result = normalized(run("S1", "cytogenetics", calls, technique=KARYOTYPE))
    found = [o for o in result.observations if o.marker == "-7"]
    assert [(o.assay, o.status) for o in found] == [
        ("cytogenetics:FISH", Status.DETECTED),
        ("cytogenetics:karyotype", Status.DETECTED),
    ]


def test_a_fusion_by_rna_and_by_fish():
    rna = call(Fusion("RUNX1", "RUNX1T1"), line=2, technique=RNA)
    fish = call(Fusion("RUNX1", "RUNX1T1"), level("72 %", "cell_fraction"), line=3, technique=FISH)
    for rows in ((rna, fish), (fish, rna)):
        result = normalized(run("S1", "fusions", rows, technique=RNA))
        assert {(o.assay, o.technique) for o in result.observations} == {
            ("fusions:RNA sequencing", RNA),
            ("fusions:FISH", FISH),
        }
