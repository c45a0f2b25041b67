"""The tree that a physician follows: summary first, then each row with what it rests on, file and line."""

from __future__ import annotations

import pytest
from patients import lesion, missed, patient, seen, variant

from moltrack.analysis import build_axis
from moltrack.model import MarkerKind, Origin, Technique
from moltrack.rules import explain, load_ruleset, risk_verdict

NPM1 = variant("NPM1", "p.Trp288fs")
ITD = lesion("FLT3_ITD", MarkerKind.ITD)
ASXL1 = variant("ASXL1", "p.Gly646fs")
MINUS7 = lesion("minus7", MarkerKind.KARYOTYPE_EVENT)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    karyotype = (Origin("karyotype.txt", 3),)
    records = patient(
        (NPM1, seen(NPM1, "D", 0.42)),
        (ITD, missed(ITD, "D", technique=Technique.FRAGMENT_ANALYSIS, origins=(Origin("itd.csv", 2),))),
        (ASXL1, seen(ASXL1, "D", 0.3, origins=(Origin("calls.vcf", 40),))),
        (MINUS7, seen(MINUS7, "D", technique=Technique.KARYOTYPE, assay="karyotype", origins=karyotype)),
    )
    return explain(risk_verdict(load_ruleset("eln2022"), records, build_axis(records))).splitlines()


def block(lines: list[str], title: str) -> list[str]:
    """The lines of the row whose title holds these words."""
    start = next(n for n, line in enumerate(lines) if line.startswith("  [") and title in line)
    end = next((n for n, line in enumerate(lines[start + 1 :], start + 1) if line.startswith("  [")), len(lines))
    return [line.strip() for line in lines[start:end]]


def test_the_summary_comes_first(lines: list[str]) -> None:
    """CBF, t(9;11) and CEBPA are not tested, so that favorable and intermediate stay possible."""
    assert lines[0] == (
        "ELN 2022 genetic risk at sample D: not assessable (possible: favorable, intermediate, adverse)"
    )
    assert lines[1] == "  as observed (on what was tested, not the guideline's result): adverse"
    assert lines[2].startswith("  would decide: CBF fusions (RUNX1::RUNX1T1, CBFB::MYH11)")


def test_the_paper_and_the_version_are_named(lines: list[str]) -> None:
    assert any("Döhner, Blood 2022;140:1345, Table 6; rule set eln2022 version 1" in line for line in lines)


def test_an_observation_has_its_sample_file_and_line(lines: list[str]) -> None:
    row = block(lines, "mutated NPM1 without FLT3-ITD")
    assert "[    YES] NPM1 mutated" in row
    assert "- NPM1 p.Trp288fs: detected (42 %), DNA sequencing [panel], sample D <calls.vcf:12>" in row
    assert "[    YES] not: FLT3-ITD" in row
    assert "- FLT3_ITD: not detected, fragment analysis [panel], sample D <itd.csv:2>" in row


def test_what_does_not_matter_is_folded(lines: list[str]) -> None:
    row = block(lines, "adverse rearrangement")
    assert row[0].startswith("[    YES] adverse")
    assert "- minus7: detected, karyotype [karyotype], sample D <karyotype.txt:3>" in row
    assert "2 others not tested" in row  # -5/del(5q) and 17p beside -7
    assert not any("complex karyotype" in line for line in row)


def test_a_row_that_fails_names_what_it_fails_by(lines: list[str]) -> None:
    row = block(lines, "wild-type NPM1 with FLT3-ITD")
    assert row[0].startswith("[     NO]")
    assert "[     NO] not: NPM1 mutated" in row


def test_what_is_missing_is_named_in_its_place(lines: list[str]) -> None:
    row = block(lines, "bZIP in-frame")
    assert "[UNKNOWN] bZIP in-frame mutated CEBPA; not tested, missing: CEBPA mutations" in row


def test_a_row_names_the_row_that_it_gives_way_to(lines: list[str]) -> None:
    """ASXL1 does not count beside a favorable-risk subtype (footnote)."""
    assert "[     NO] not: mutated NPM1 without FLT3-ITD" in block(lines, "mutated ASXL1, BCOR")


def test_the_tree_fits_on_a_page(lines: list[str]) -> None:
    assert len(lines) < 60
