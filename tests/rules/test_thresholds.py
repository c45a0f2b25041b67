"""The lines that guidelines and cutoffs draw on series."""

from __future__ import annotations

import pytest

from moltrack.model import (
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Observation,
    PatientInfo,
    PatientRecords,
    Point,
    Series,
    Status,
    Technique,
    Tissue,
)
from moltrack.rules import thresholds_of

PCR, NGS, FLOW, FISH = Technique.QPCR, Technique.DNA_SEQUENCING, Technique.FLOW, Technique.FISH
ITD, VARIANT, FUSION = MarkerKind.ITD, MarkerKind.SMALL_VARIANT, MarkerKind.FUSION


def lines(marker: Marker, quantity: str, technique: Technique, tissue: Tissue = Tissue.BM, cutoff: float | None = None):
    limits = (Limit(LimitKind.CUTOFF, cutoff, "declared for assay a"),) if cutoff else ()
    item = Observation(
        "P", "s", marker.id, "a", technique, tissue, Status.DETECTED, quantity=quantity, level=0.1, limits=limits
    )
    point = Point("s", 1, 0, 0, 0, Status.DETECTED, 0.1, None, None, item)
    series = Series(marker.id, marker.label, quantity, "", "a", technique, tissue, (point,))
    found = thresholds_of(PatientRecords(PatientInfo("P"), markers=(marker,)), [series])
    return [(line.level, line.title) for line in found]


@pytest.mark.parametrize(
    ("marker", "quantity", "technique", "expected"),
    [
        # Heuser, Blood 2021;138:2753: flow 0.1 %, low level of NPM1 and CBF below 2 %, sequencing 0.1 % (provisional).
        pytest.param(Marker("f", MarkerKind.FLOW, "MFC-MRD"), "cell_fraction", FLOW, [(0.001, "ELN-MRD 2021")], id="flow"),
        pytest.param(Marker("n", VARIANT, "NPM1", ("NPM1",), ("NPM1",)), "normalized_copies", PCR, [(0.02, "ELN-MRD 2021")], id="npm1"),
        pytest.param(Marker("c", FUSION, "RUNX1::RUNX1T1", (), ("t_8_21",)), "normalized_copies", PCR, [(0.02, "ELN-MRD 2021")], id="cbf"),
        pytest.param(Marker("p", FUSION, "PML::RARA", (), ("t_15_17",)), "normalized_copies", PCR, [], id="pml-any-detection"),
        pytest.param(Marker("r", VARIANT, "RUNX1", ("RUNX1",)), "vaf", NGS, [(0.001, "ELN-MRD 2021")], id="ngs"),
        pytest.param(Marker("d", VARIANT, "DNMT3A", ("DNMT3A",)), "vaf", NGS, [], id="clonal-haematopoiesis"),
        # Döhner, Blood 2017;129:424, Table 5: ratio 0.5; Döhner, Blood 2022;140:1345, Table 6: TP53 VAF 10 %, response: blasts 5 %.
        pytest.param(Marker("i", ITD, "FLT3-ITD", ("FLT3",), ("FLT3_ITD",)), "allelic_ratio", Technique.FRAGMENT_ANALYSIS, [(0.5, "ELN 2017 genetic risk")], id="itd"),
        pytest.param(Marker("t", VARIANT, "TP53", ("TP53",), ("TP53",)), "vaf", NGS, [(0.001, "ELN-MRD 2021"), (0.10, "ELN 2022 genetic risk")], id="tp53"),
        pytest.param(Marker("b", MarkerKind.BLASTS, "blasts"), "cell_fraction", Technique.MORPHOLOGY, [(0.05, "ELN 2022 response")], id="blasts"),
    ],
)  # fmt: skip
def test_each_kind_has_the_lines_of_its_rules(marker, quantity, technique, expected):
    assert lines(marker, quantity, technique) == expected


def test_flow_is_judged_in_marrow_only():
    assert lines(Marker("f", MarkerKind.FLOW, "MFC-MRD"), "cell_fraction", FLOW, Tissue.PB) == []


def test_a_declared_cutoff_is_a_line_of_its_assay():
    marker = Marker("k", MarkerKind.COPY_NUMBER, "TP53 deletion")
    assert lines(marker, "cell_fraction", FISH, cutoff=0.07) == [(0.07, "cutoff of a")]
