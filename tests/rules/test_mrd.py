"""MRD status: every vignette in both guidelines, thresholds just below, at and above, laws, and a patient's samples."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.analysis import build_axis
from moltrack.errors import InputError
from moltrack.model import (
    Counts,
    Event,
    EventType,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Measured,
    Observation,
    Override,
    OverrideAction,
    PatientInfo,
    PatientRecords,
    Phase,
    SampleInfo,
    SmallVariant,
    Status,
    Technique,
    Time,
    Tissue,
    Truth,
    Verdict,
)
from moltrack.rules import response_verdicts
from moltrack.rules.mrd import MrdInputs, MrdPoint, NgsGene, mrd_status, mrd_statuses, mrd_verdicts
from moltrack.rules.mrd.inputs import Method, Target
from moltrack.rules.ruleset import load_ruleset

BM, PB = Tissue.BM, Tissue.PB
C2, EOT, FU, PRE = "after_cycle_2", "end_of_treatment", "follow_up", "pre_hct"
DAVID = "david2025dev"


def hit(percent: float, tissue: Tissue, time: str, **more: object) -> MrdPoint:
    """A detection at a level in %."""
    return MrdPoint(tissue, time, True, percent / 100, **more)  # type: ignore[arg-type]


def miss(tissue: Tissue, time: str, copies: float | None = 45_000, **more: object) -> MrdPoint:
    """A miss among so many ABL1 copies."""
    return MrdPoint(tissue, time, False, control_copies=copies, **more)  # type: ignore[arg-type]


def pcr(target: Target, point: MrdPoint, *earlier: MrdPoint, diagnosis: float | None = None) -> MrdInputs:
    """A PCR in remission; ``diagnosis`` in %."""
    return MrdInputs(
        target, Method.QPCR, point, earlier, None if diagnosis is None else diagnosis / 100, remission=True
    )


def other(method: Method, point: MrdPoint, *earlier: MrdPoint, target: Target = Target.OTHER) -> MrdInputs:
    return MrdInputs(target, method, point, earlier, remission=True)


def panel(*genes: NgsGene, after_hct: bool = False) -> MrdInputs:
    return MrdInputs(Target.OTHER, Method.NGS, MrdPoint(BM, EOT), remission=True, genes=genes, after_hct=after_hct)


@dataclass(frozen=True)
class Vignette:
    """``eln2021`` and ``david`` are the verdicts as text; ``-`` = no status, the level alone."""

    id: str
    inputs: MrdInputs
    eln2021: str
    david: str
    flags2021: tuple[str, ...] = ()
    flags_david: tuple[str, ...] = ()
    words: str = ""


NPM1, CBF, PML = Target.NPM1, Target.CBF, Target.PML_RARA
NEGATIVE = miss(BM, EOT, day=0)
RELAPSED = hit(0.3, BM, FU, day=90)

#: Heuser, Blood 2021;138:2753; Cloos, Blood 2026;147:1147 (development version of its tables).
VIGNETTES = (
    Vignette("M01", pcr(NPM1, MrdPoint(BM, EOT, ct=(None, 41, 40), control_copies=45_000)), "negative", "optimal", words="not detected at 2e-5"),
    Vignette("M02", pcr(NPM1, MrdPoint(BM, EOT, ct=(None, 41, 40), control_copies=6_000)), "not_assessable", "not_assessable"),
    Vignette("M03", pcr(NPM1, MrdPoint(BM, EOT, ct=(38, None, None), control_copies=50_000)), "negative", "optimal", ("positive_replicate",)),
    Vignette("M04", pcr(NPM1, hit(0.05, BM, EOT)), "low_level", "warning", words="MRD-LL"),
    Vignette("M05", pcr(NPM1, hit(0.1, BM, EOT)), "low_level", "high risk"),
    Vignette("M06", pcr(NPM1, hit(1.99, BM, EOT)), "low_level", "high risk", flags_david=("urgent",)),
    Vignette("M07", pcr(NPM1, hit(2.0, BM, EOT)), "positive", "high risk"),
    Vignette("M08", pcr(NPM1, hit(0.005, PB, C2)), "NA{low_level,positive}", "warning", flags_david=("low_level",)),
    Vignette("M09", pcr(NPM1, hit(0.02, PB, C2)), "NA{low_level,positive}", "warning", flags_david=("positive",)),
    Vignette("M10", pcr(NPM1, hit(0.02, BM, C2)), "NA{low_level,positive}", "NA{optimal,warning}", words="PB is the listed tissue"),
    Vignette("M11", pcr(NPM1, hit(0.04, BM, FU, day=90), NEGATIVE), "MRD relapse, unconfirmed", "warning"),
    Vignette("M12", pcr(NPM1, hit(0.5, BM, FU, day=111), NEGATIVE, RELAPSED), "MRD relapse, confirmed", "MRD relapse, confirmed"),
    Vignette(
        "M13",
        pcr(NPM1, hit(0.5, BM, FU, day=125), NEGATIVE, RELAPSED),
        "MRD relapse, unconfirmed",
        "MRD relapse, unconfirmed",
        ("criterion_met_twice", "late_confirmation"),
        ("criterion_met_twice", "late_confirmation"),
    ),
    Vignette("M14", pcr(NPM1, miss(BM, FU, day=111), NEGATIVE, RELAPSED), "negative", "optimal", ("relapse_not_confirmed",), ("relapse_not_confirmed",)),
    Vignette("M15", pcr(NPM1, hit(1.4, BM, FU, day=90), NEGATIVE), "MRD relapse, unconfirmed", "MRD relapse", flags_david=("urgent",)),
    Vignette("M16", pcr(NPM1, hit(0.2, BM, FU, day=90), hit(0.03, BM, EOT, day=0)), "low_level", "NA{warning,MRD relapse}"),
    Vignette("M17", pcr(NPM1, hit(0.3, BM, FU, day=90), hit(0.03, BM, EOT, day=0)), "MRD relapse, unconfirmed", "MRD relapse, unconfirmed", words="1.00 log10"),
    Vignette("M18", pcr(NPM1, hit(0.2, BM, FU, day=90), hit(0.003, PB, FU, day=0)), "NA{low_level,MRD relapse, unconfirmed}", "NA{warning,MRD relapse}", words="another tissue"),
    Vignette("M19", pcr(NPM1, hit(2.5, BM, FU, day=90), hit(0.8, BM, EOT, day=0)), "positive", "NA{warning,MRD relapse}", flags_david=("urgent",)),
    Vignette("M20", pcr(CBF, hit(0.1, BM, C2), diagnosis=120), "NA{low_level,positive}", "optimal"),
    Vignette("M21", pcr(CBF, hit(0.2, BM, EOT), diagnosis=80), "low_level", "high risk"),
    Vignette("M22", pcr(CBF, hit(0.02, BM, EOT)), "low_level", "NA{optimal,high risk}"),
    Vignette("M23", pcr(CBF, hit(0.05, PB, FU, day=90), miss(PB, FU, day=0)), "MRD relapse, unconfirmed", "warning"),
    Vignette("M24", pcr(CBF, miss(BM, EOT, 20_000), diagnosis=50), "negative", "optimal", words="not detected at 5e-5"),
    Vignette("M25", pcr(PML, miss(BM, EOT, 30_000)), "negative", "optimal"),
    Vignette("M26", pcr(PML, hit(0.01, PB, FU)), "-", "NA{optimal,MRD relapse}", words="level only"),
    Vignette("M27", other(Method.MFC, hit(0.09, BM, EOT, lod=1e-4)), "below_threshold", "warning"),
    Vignette("M28", other(Method.MFC, hit(0.10, BM, EOT)), "positive", "high risk"),
    Vignette("M29", other(Method.MFC, MrdPoint(BM, EOT, False, events=180_000)), "not_assessable", "not_assessable"),
    Vignette("M30", other(Method.MFC, hit(0.3, BM, EOT, events=180_000)), "positive", "high risk", ("low_events",), ("low_events",)),
    Vignette("M31", panel(NgsGene("DNMT3A", 0.12), NgsGene("TET2", 0.08)), "not_assessable", "not_assessable", ("excluded_genes",), words="DNMT3A: clonal haematopoiesis"),
    Vignette("M32", panel(NgsGene("IDH2", 0.004, lod=0.0005, label="IDH2 R140Q")), "positive", "-", words="no cell"),
    Vignette("M33", panel(NgsGene("SRSF2", 0.0008, lod=0.0002)), "below_threshold", "-"),
    Vignette("M34", panel(NgsGene("RUNX1", 0.48, baseline=0.49)), "not_assessable", "not_assessable", words="suspected to be inherited"),
    Vignette("M35", panel(NgsGene("NRAS", detected=False, lod=0.001, baseline=0.05)), "not_assessable", "not_assessable", words="signalling gene"),
    Vignette("M36", other(Method.UHS_NGS, hit(0.002, BM, PRE, lod=1e-5), target=Target.FLT3_ITD), "below_threshold", "high risk"),
    Vignette("M37", other(Method.FRAGMENT, MrdPoint(BM, PRE, False, lod=0.01), target=Target.FLT3_ITD), "not_assessable", "not_assessable", words="only down to 1 %: not negative"),
    Vignette("M38", other(Method.NGS, MrdPoint(BM, EOT, False, lod=0.03), target=NPM1), "not_assessable", "not_assessable", words="only down to 3 %: not negative"),
    Vignette("M39", replace(pcr(NPM1, hit(5, BM, EOT)), remission=False), "-", "-", words="level only: no morphologic remission"),
)  # fmt: skip


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_vignette_2021(vignette: Vignette) -> None:
    verdict = mrd_status(vignette.inputs)
    assert verdict.text == vignette.eln2021, verdict.reason
    assert set(vignette.flags2021) <= set(verdict.flags)


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_vignette_2025_development_version(vignette: Vignette) -> None:
    verdict = mrd_status(vignette.inputs, DAVID)
    assert verdict.text == vignette.david, verdict.reason
    assert {*vignette.flags_david, "development_version"} <= set(verdict.flags)


@pytest.mark.parametrize("vignette", [v for v in VIGNETTES if v.words], ids=lambda vignette: vignette.id)
def test_vignette_says_why(vignette: Vignette) -> None:
    reasons = mrd_status(vignette.inputs).reason + " | " + mrd_status(vignette.inputs, DAVID).reason
    assert vignette.words in reasons


def test_vignette_m40_lists_both_methods_and_flags_their_disagreement() -> None:
    flow = other(Method.MFC, MrdPoint(BM, EOT, False, events=1_000_000, lod=1e-4))
    transcript = pcr(NPM1, hit(0.3, BM, EOT))
    verdicts = mrd_statuses([flow, transcript])
    assert [verdict.category for verdict in verdicts] == ["negative", "low_level"]
    assert all("discordant" in verdict.flags for verdict in verdicts)
    assert [verdict.category for verdict in mrd_statuses([flow, transcript], DAVID)] == ["optimal", "high risk"]


def test_agreeing_methods_are_not_flagged() -> None:
    flow = other(Method.MFC, MrdPoint(BM, EOT, False, events=1_000_000, lod=1e-4))
    verdicts = mrd_statuses([flow, pcr(NPM1, miss(BM, EOT))])
    assert not any("discordant" in verdict.flags for verdict in verdicts)


def test_2025_is_marked_as_development_version() -> None:
    rules = load_ruleset(DAVID, "mrd")
    assert (rules.development, rules.version) == (True, "david2025-dev")


# --- thresholds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "eln2021", "david"),
    [
        pytest.param(pcr(NPM1, hit(0.00099, BM, EOT)), "low_level", "optimal", id="npm1-eot-below-0.001"),
        pytest.param(pcr(NPM1, hit(0.001, BM, EOT)), "low_level", "warning", id="npm1-eot-at-0.001"),
        pytest.param(pcr(NPM1, hit(0.0999, BM, EOT)), "low_level", "warning", id="npm1-eot-below-0.1"),
        pytest.param(pcr(NPM1, hit(2.01, BM, EOT)), "positive", "high risk", id="npm1-eot-above-2"),
        pytest.param(pcr(NPM1, hit(0.0099, PB, FU)), "low_level", "warning", id="npm1-fu-blood-below-0.01"),
        pytest.param(pcr(NPM1, hit(0.01, PB, FU)), "low_level", "NA{warning,MRD relapse}", id="npm1-fu-blood-at-0.01"),
        pytest.param(pcr(NPM1, hit(2.0, PB, C2)), "positive", "warning", id="npm1-c2-2-percent"),
        pytest.param(pcr(CBF, hit(0.1, BM, EOT), diagnosis=100), "low_level", "optimal", id="cbf-3-log"),
        pytest.param(pcr(CBF, hit(0.101, BM, EOT), diagnosis=100), "low_level", "high risk", id="cbf-below-3-log"),
        pytest.param(pcr(CBF, hit(0.101, BM, C2), diagnosis=100), "NA{low_level,positive}", "warning", id="cbf-c2-below-3-log"),
        pytest.param(pcr(CBF, hit(0.2, BM, FU), hit(0.1, BM, EOT), diagnosis=500), "low_level", "warning", id="cbf-fu-3-log-below"),
        pytest.param(pcr(CBF, hit(0.1, PB, FU), miss(PB, FU)), "MRD relapse, unconfirmed", "MRD relapse, unconfirmed", id="cbf-fu-at-0.1"),
        pytest.param(pcr(PML, hit(0.001, BM, EOT)), "positive", "warning", id="apl-eot"),
        pytest.param(pcr(PML, hit(0.001, BM, FU), miss(BM, EOT)), "MRD relapse, unconfirmed", "MRD relapse, unconfirmed", id="apl-fu"),
        pytest.param(pcr(Target.KMT2A, hit(0.05, BM, EOT)), "-", "warning", id="kmt2a"),
        pytest.param(pcr(Target.KMT2A, hit(0.1, BM, EOT)), "-", "high risk", id="kmt2a-0.1"),
        pytest.param(other(Method.MFC, hit(0.0999, BM, EOT)), "below_threshold", "warning", id="mfc-below-0.1"),
        pytest.param(other(Method.MFC, hit(0.0099, BM, EOT)), "below_threshold", "optimal", id="mfc-below-0.01"),
        pytest.param(other(Method.MFC, hit(0.01, BM, EOT)), "below_threshold", "warning", id="mfc-at-0.01"),
        pytest.param(other(Method.MFC, MrdPoint(BM, EOT, False, events=499_999)), "not_assessable", "not_assessable", id="mfc-499999"),
        pytest.param(other(Method.MFC, MrdPoint(BM, EOT, False, events=500_000)), "negative", "optimal", id="mfc-500000"),
        pytest.param(pcr(NPM1, miss(BM, EOT, 9_999)), "not_assessable", "not_assessable", id="abl1-9999"),
        pytest.param(pcr(NPM1, miss(BM, EOT, 10_000)), "negative", "optimal", id="abl1-10000"),
        pytest.param(pcr(NPM1, MrdPoint(BM, EOT, ct=(39.9, 39.9, None), level=1e-4)), "low_level", "warning", id="ct-below-40"),
        pytest.param(panel(NgsGene("IDH2", 0.001)), "positive", "-", id="ngs-at-0.1"),
        pytest.param(panel(NgsGene("IDH2", 0.00099)), "below_threshold", "-", id="ngs-below-0.1"),
        pytest.param(panel(NgsGene("IDH2", detected=False, lod=0.001)), "negative", "-", id="ngs-lod-0.1"),
        pytest.param(panel(NgsGene("IDH2", detected=False, lod=0.0011)), "not_assessable", "not_assessable", id="ngs-lod-above-0.1"),
        pytest.param(other(Method.UHS_NGS, MrdPoint(BM, PRE, False, lod=1e-4), target=Target.FLT3_ITD), "not_assessable", "optimal", id="itd-lod-1e-4"),
        pytest.param(other(Method.UHS_NGS, MrdPoint(BM, PRE, False, lod=2e-4), target=Target.FLT3_ITD), "not_assessable", "not_assessable", id="itd-lod-2e-4"),
    ],
)  # fmt: skip
def test_thresholds(inputs: MrdInputs, eln2021: str, david: str) -> None:
    assert (mrd_status(inputs).text, mrd_status(inputs, DAVID).text) == (eln2021, david)


@pytest.mark.parametrize(("days", "confirmed"), [(27, True), (28, True), (29, False)])
def test_confirmation_within_four_weeks(days: int, confirmed: bool) -> None:
    verdict = mrd_status(pcr(NPM1, hit(0.5, BM, FU, day=90 + days), NEGATIVE, RELAPSED))
    assert verdict.category == f"MRD relapse, {'confirmed' if confirmed else 'unconfirmed'}"


def test_confirmation_needs_days() -> None:
    verdict = mrd_status(pcr(NPM1, hit(0.5, BM, FU), NEGATIVE, RELAPSED))
    assert (verdict.category, "confirmation_interval_unknown" in verdict.flags) == ("MRD relapse, unconfirmed", True)


def test_flow_relapse_is_a_conversion_to_the_threshold() -> None:
    before = MrdPoint(BM, EOT, False, events=1_000_000, day=0)
    assert mrd_status(other(Method.MFC, hit(0.1, BM, FU, day=60), before)).category == "MRD relapse, unconfirmed"
    assert mrd_status(other(Method.MFC, hit(0.09, BM, FU, day=60), before)).category == "below_threshold"


def test_inadequate_earlier_miss_is_no_negativity() -> None:
    assert mrd_status(pcr(NPM1, hit(0.04, BM, FU, day=90), miss(BM, EOT, 5_000, day=0))).category == "low_level"


def cutoffs(inputs: MrdInputs) -> set[str]:
    return {flag for flag in mrd_status(inputs).flags if flag.startswith("cutoff_")}


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        # Schuurhuis, Blood 2018;131:1275, Table 2; Shayegi, Blood 2013;122:83.
        pytest.param(pcr(NPM1, miss(PB, C2)), {"cutoff_npm1_blood_negative"}, id="ivey-negative"),
        pytest.param(pcr(NPM1, hit(0.01, PB, C2), diagnosis=100), {"cutoff_npm1_blood_positive", "cutoff_npm1_4_log10_reached"}, id="4-log-at"),
        pytest.param(pcr(NPM1, hit(0.011, PB, C2), diagnosis=100), {"cutoff_npm1_blood_positive", "cutoff_npm1_4_log10_missed"}, id="4-log-above"),
        pytest.param(pcr(NPM1, hit(0.001, BM, C2), diagnosis=100), set(), id="marrow-after-2-cycles"),
        pytest.param(pcr(NPM1, hit(0.001, BM, EOT)), {"cutoff_npm1_marrow_positive"}, id="kroenke"),
        pytest.param(pcr(NPM1, miss(BM, EOT)), set(), id="kroenke-negative"),
        pytest.param(pcr(NPM1, hit(1, BM, FU)), set(), id="shayegi-at-1"),
        pytest.param(pcr(NPM1, hit(1.01, BM, FU)), {"cutoff_npm1_rise"}, id="shayegi-above-1"),
        pytest.param(replace(pcr(NPM1, hit(5, BM, "post_hct")), after_hct=True), set(), id="shayegi-transplanted-5"),
        pytest.param(replace(pcr(NPM1, hit(10.1, BM, "post_hct")), after_hct=True), {"cutoff_npm1_rise"}, id="shayegi-transplanted-above-10"),
        pytest.param(replace(pcr(CBF, hit(0.01, PB, EOT)), lesions=("t_8_21",)), {"cutoff_runx1_runx1t1_positive"}, id="runx1-runx1t1"),
        pytest.param(pcr(CBF, hit(0.01, BM, EOT)), set(), id="cbfb-myh11"),
    ],
)  # fmt: skip
def test_published_cutoffs_are_told_beside_the_status(inputs: MrdInputs, expected: set[str]) -> None:
    assert cutoffs(inputs) == expected


def test_a_cutoff_names_its_paper() -> None:
    note = mrd_status(pcr(NPM1, hit(0.05, BM, EOT))).guideline_note
    assert "NPM1 detected in marrow at the end of treatment; the published cut-off is negativity (Krönke 2011)." in note


def test_a_laboratorys_threshold_is_used_and_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "ours.yaml"
    path.write_text("extends: eln2021\nversion: lab-1\nthresholds: {pcr_low_level: 0.001}\n")
    verdict = mrd_status(pcr(NPM1, hit(0.1, BM, EOT)), path)
    assert (verdict.category, verdict.reason) == ("positive", "0.1 %; at least 0.1 %")
    assert verdict.overridden == ("pcr_low_level is 0.001 instead of 0.02",)


def test_the_row_that_holds_is_named_with_its_citation() -> None:
    rows = mrd_status(pcr(NPM1, hit(0.05, BM, EOT))).rules
    [held] = [row for row in rows if row.answer is Truth.YES]
    assert (held.id, held.citation) == ("pcr_low_level", "Heuser, Blood 2021;138:2753, D5, D6")
    assert "flow_positive" not in {row.id for row in rows}


# --- assays -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("point", "method", "missing"),
    [
        pytest.param(MrdPoint(BM, EOT, False), Method.QPCR, "control gene copies", id="pcr-without-copies"),
        pytest.param(MrdPoint(BM, EOT, False), Method.MFC, "CD45+ cells acquired", id="flow-without-events"),
        pytest.param(MrdPoint(BM, EOT, False), Method.NGS, "limit of detection of NGS", id="ngs-without-limit"),
        pytest.param(MrdPoint(BM, EOT), Method.QPCR, "NPM1 by qPCR", id="no-result"),
        pytest.param(MrdPoint(BM, EOT, False, control_copies=50_000, covers_target=False), Method.QPCR, "right type", id="wrong-npm1-type"),
        pytest.param(MrdPoint(BM, EOT, False, events=1e6, first_pull=False), Method.MFC, "first-pull", id="second-pull"),
        pytest.param(MrdPoint(BM, EOT, False, events=1e6, age_days=4), Method.MFC, "at most 3 days", id="old-sample"),
        pytest.param(MrdPoint(BM, EOT, False, events=1e6, compartment_cells=99), Method.MFC, "blast compartment", id="few-compartment-cells"),
    ],
)  # fmt: skip
def test_miss_that_proves_nothing_names_what_is_missing(point: MrdPoint, method: Method, missing: str) -> None:
    verdict = mrd_status(MrdInputs(NPM1, method, point, remission=True))
    assert verdict.category == "not_assessable"
    assert missing in verdict.deciding[0]


def test_declared_limit_of_a_pcr_stands_for_its_copies() -> None:
    assert mrd_status(pcr(NPM1, miss(BM, EOT, None, lod=1e-4))).category == "negative"
    assert mrd_status(pcr(NPM1, miss(BM, EOT, None, lod=2e-4))).category == "not_assessable"


def test_detection_with_few_control_copies_is_reported_and_flagged() -> None:
    verdict = mrd_status(pcr(NPM1, hit(0.05, BM, EOT, control_copies=4_000)))
    assert (verdict.category, "low_control_copies" in verdict.flags) == ("low_level", True)


def test_detection_without_a_level_leaves_the_status_open() -> None:
    inputs = pcr(NPM1, MrdPoint(BM, EOT, True))
    assert mrd_status(inputs).text == "NA{low_level,positive}"
    assert mrd_status(inputs, DAVID).text == "NA{optimal,warning,high risk}"


def test_negative_level_is_refused() -> None:
    with pytest.raises(InputError, match=r"an MRD level of -0.1 is not possible"):
        MrdPoint(BM, level=-0.1)


@pytest.mark.parametrize(
    ("gene", "category", "flag"),
    [
        pytest.param(NgsGene("NRAS", 0.01, baseline=0.05), "positive", "", id="signalling-found"),
        pytest.param(
            NgsGene("SRSF2", 0.47, baseline=0.48), "positive", "possible_germline", id="constant-but-not-listed"
        ),
        pytest.param(NgsGene("RUNX1", 0.02, baseline=0.49), "positive", "", id="falling-runx1"),
        pytest.param(
            NgsGene("DDX41", 0.98, baseline=0.99), "not_assessable", "excluded_genes", id="homozygous-germline"
        ),
    ],
)
def test_genes_of_a_panel(gene: NgsGene, category: str, flag: str) -> None:
    verdict = mrd_status(panel(gene))
    assert verdict.category == category
    assert not flag or flag in verdict.flags


def test_informative_gene_is_judged_beside_excluded_ones() -> None:
    verdict = mrd_status(panel(NgsGene("DNMT3A", 0.3), NgsGene("IDH1", detected=False, lod=0.0005)))
    assert verdict.category == "negative"
    assert "DNMT3A: clonal haematopoiesis" in verdict.reason


def test_clonal_haematopoiesis_after_transplant_is_flagged() -> None:
    assert "dta_after_hct" in mrd_status(panel(NgsGene("DNMT3A", 0.1), after_hct=True)).flags


# --- what is not known ------------------------------------------------------------------------------------------------


def test_unknown_remission_gives_no_status() -> None:
    verdict = mrd_status(replace(pcr(NPM1, miss(BM, EOT)), remission=None))
    assert (verdict.text, verdict.deciding) == ("-", ("response (CR, CRh or CRi) at this sample",))
    assert "remission is not established by the data" in verdict.reason


def test_unknown_time_point_leaves_a_low_level_open() -> None:
    verdict = mrd_status(pcr(NPM1, hit(0.05, BM, "")))
    assert (verdict.text, verdict.deciding) == ("NA{low_level,positive}", ("phase of the sample",))


def test_flow_does_not_need_the_time_point() -> None:
    assert mrd_status(other(Method.MFC, hit(0.2, BM, ""))).category == "positive"


def test_other_cycles_have_no_row() -> None:
    assert mrd_status(pcr(NPM1, hit(0.2, PB, "after_cycle_1"))).reason.endswith("no row for this time point")


# --- laws -------------------------------------------------------------------------------------------------------------

ORDER_2021 = ("negative", "low_level", "below_threshold", "positive")
ORDER_2025 = ("optimal", "warning", "high risk")


@settings(max_examples=100)
@given(
    levels=st.tuples(st.floats(1e-7, 1), st.floats(1e-7, 1)),
    method=st.sampled_from((Method.QPCR, Method.MFC)),
    guideline=st.sampled_from(("eln2021", DAVID)),
)
def test_higher_level_is_never_a_better_status(levels: tuple[float, float], method: Method, guideline: str) -> None:
    order = ORDER_2021 if guideline == "eln2021" else ORDER_2025
    low, high = sorted(levels)
    ranks = []
    for level in (low, high):
        point = MrdPoint(BM, EOT, True, level)
        category = mrd_status(MrdInputs(NPM1, method, point, remission=True), guideline).category
        assert category is not None
        ranks.append(order.index(category))
    assert ranks[0] <= ranks[1]


@settings(max_examples=60)
@given(copies=st.integers(10_000, 1_000_000))
def test_more_control_copies_reach_further_down(copies: int) -> None:
    verdict = mrd_status(pcr(NPM1, miss(BM, EOT, copies)))
    assert verdict.category == "negative"
    assert f"{copies:,} control copies" in verdict.reason


@settings(max_examples=60)
@given(level=st.floats(1e-6, 0.5), detected=st.booleans(), guideline=st.sampled_from(("eln2021", DAVID)))
def test_learning_the_time_point_only_narrows(level: float, detected: bool, guideline: str) -> None:
    def names(verdict: Verdict) -> set[str]:
        return {verdict.category} if verdict.category else set(verdict.possible)

    point = MrdPoint(BM, "", detected, level if detected else None, control_copies=50_000)
    open_verdict = mrd_status(pcr(NPM1, point), guideline)
    for time in (C2, EOT, FU):
        known = mrd_status(pcr(NPM1, replace(point, time=time)), guideline)
        assert names(known) <= names(open_verdict)


# --- a patient's samples ----------------------------------------------------------------------------------------------


def sample(name: str, day: int, phase: str, tissue: Tissue = BM) -> SampleInfo:
    return SampleInfo("P", name, Time.day(day, anchor="start"), tissue, Phase.parse(phase))


DX = sample("dx", -3, "diagnosis")
END = sample("end", 120, "end_of_treatment")
LATER = sample("later", 210, "follow_up")
START = Event(EventType.TREATMENT, "start", Time.day(0, anchor="start"), patient="P", is_anchor=True)
REMISSION = Event(EventType.RESPONSE, "CR", Time.day(60, anchor="start"), patient="P", recorded_by="ward")

NPM1_MARKER = Marker("NPM1 type A", MarkerKind.SMALL_VARIANT, "NPM1 type A", ("NPM1",), ("NPM1",))
FLOW = Marker("MFC-MRD", MarkerKind.FLOW, "MFC-MRD", finding=Measured(MarkerKind.FLOW, "MFC-MRD"))


def result(
    marker: Marker,
    where: SampleInfo,
    level: float | None,
    technique: Technique,
    quantity: str,
    *,
    lod: float | None = None,
    **counts: float,
) -> Observation:
    """A level as a fraction; None = not detected."""
    limits = (Limit(LimitKind.LOD, lod, "declared"),) if lod is not None else ()
    status = Status.DETECTED if level is not None else Status.NOT_DETECTED
    return Observation(
        "P", where.sample, marker.id, str(technique), technique, where.tissue, status, quantity=quantity, level=level,
        counts=Counts(**counts), limits=limits,
    )  # fmt: skip


def npm1(where: SampleInfo, level: float | None, **counts: float) -> Observation:
    return result(NPM1_MARKER, where, level, Technique.QPCR, "normalized_copies", **counts)


def patient(
    *observations: Observation, events: tuple[Event, ...] = (START, REMISSION), age: float = 50
) -> PatientRecords:
    return PatientRecords(
        PatientInfo("P", age=age), (DX, END, LATER), events, (NPM1_MARKER, FLOW, *GENES), observations
    )


def variant(gene: str) -> Marker:
    return Marker(gene, MarkerKind.SMALL_VARIANT, gene, (gene,), (gene,), classification="pathogenic")


GENES = tuple(variant(gene) for gene in ("DNMT3A", "IDH2"))
MISS = npm1(END, None, control_copies=45_000)


def judged(records: PatientRecords, **options: str) -> dict[str, Verdict]:
    return {f"{v.sample} {v.title}": v for v in mrd_verdicts(records, build_axis(records), **options)}


def test_negative_never_stands_without_its_limit() -> None:
    [verdict] = judged(patient(MISS)).values()
    assert verdict.category == "negative at 2e-5"


def test_an_assay_of_another_npm1_type_proves_nothing() -> None:
    found = Marker("NPM1 type D", MarkerKind.SMALL_VARIANT, "NPM1 type D", ("NPM1",), ("NPM1",))
    at_diagnosis = result(found, DX, 0.4, Technique.DNA_SEQUENCING, "vaf")
    records = patient(at_diagnosis, MISS)
    records = replace(records, markers=(*records.markers, found))
    [verdict] = judged(records).values()
    assert (verdict.category, verdict.deciding) == ("not_assessable", ("an assay of the right type",))


WHOLE_NPM1 = Marker(
    "NPM1", MarkerKind.SMALL_VARIANT, "NPM1", ("NPM1",), tracked=False, finding=SmallVariant(gene="NPM1")
)
HIDDEN_CBF = Marker(
    "RUNX1::RUNX1T1", MarkerKind.FUSION, "RUNX1::RUNX1T1", ("RUNX1", "RUNX1T1"), ("t_8_21",), tracked=False
)


def hidden(marker: Marker, *observations: Observation, overrides: tuple[Override, ...] = ()) -> PatientRecords:
    """A patient with a marker that is not followed, as nothing was ever found of it."""
    return replace(patient(*observations), markers=(marker,), overrides=overrides)


def by_pcr(marker: Marker, where: SampleInfo, level: float | None = None, copies: float = 45_000) -> Observation:
    return result(marker, where, level, Technique.QPCR, "normalized_copies", control_copies=copies)


@pytest.mark.parametrize("marker", [WHOLE_NPM1, HIDDEN_CBF], ids=lambda marker: marker.id)
def test_a_pcr_that_never_found_its_target_has_a_status(marker: Marker) -> None:
    [verdict] = judged(hidden(marker, by_pcr(marker, END))).values()
    assert (verdict.target, verdict.category) == (marker.label, "negative at 2e-5")
    assert "target_never_detected" in verdict.flags
    assert "was never detected in this patient, and no sample before treatment was tested for it" in verdict.reason


def test_too_few_control_copies_of_such_a_pcr_are_said() -> None:
    [verdict] = judged(hidden(WHOLE_NPM1, by_pcr(WHOLE_NPM1, END, copies=4_500))).values()
    assert verdict.category == "not_assessable"
    assert verdict.deciding == ("a sample with at least 10,000 control copies",)


def test_a_target_that_was_absent_before_treatment_is_no_marker_of_the_disease() -> None:
    [verdict] = judged(hidden(WHOLE_NPM1, by_pcr(WHOLE_NPM1, DX), by_pcr(WHOLE_NPM1, END))).values()
    assert verdict.category == "not_assessable"
    assert verdict.reason == "not detected, and not detected before treatment either: no marker of this disease"
    assert verdict.deciding == ("a target that was detected before treatment",)


def test_a_target_found_at_diagnosis_by_another_technique_is_carried() -> None:
    at_diagnosis = result(NPM1_MARKER, DX, 0.4, Technique.DNA_SEQUENCING, "vaf")
    records = replace(patient(at_diagnosis, by_pcr(WHOLE_NPM1, END)), markers=(NPM1_MARKER, WHOLE_NPM1))
    [verdict] = judged(records).values()
    assert (verdict.target, verdict.category, verdict.flags) == ("NPM1", "negative at 2e-5", ())


def test_one_test_of_gene_and_type_is_one_status() -> None:
    at_diagnosis = result(NPM1_MARKER, DX, 0.4, Technique.DNA_SEQUENCING, "vaf")
    whole = replace(WHOLE_NPM1, lesions=("NPM1",))
    records = replace(patient(at_diagnosis, MISS, by_pcr(whole, END)), markers=(NPM1_MARKER, whole))
    [verdict] = judged(records).values()
    assert verdict.target == "NPM1 type A"


def test_one_type_absent_before_treatment_says_nothing_of_the_gene() -> None:
    typed = replace(NPM1_MARKER, tracked=False, finding=SmallVariant(gene="NPM1", hgvs_p="p.Trp288fs"))
    records = replace(patient(by_pcr(typed, DX), by_pcr(WHOLE_NPM1, END)), markers=(typed, WHOLE_NPM1))
    [verdict] = judged(records).values()
    assert verdict.category == "negative at 2e-5"


def test_a_positive_pcr_of_npm1_without_its_type_has_a_status() -> None:
    [verdict] = judged(hidden(WHOLE_NPM1, by_pcr(WHOLE_NPM1, END, 0.001))).values()
    assert verdict.category == "low_level"


def test_what_a_user_left_out_has_no_status() -> None:
    decision = Override(OverrideAction.UNTRACK, "P", "NPM1", "", "not of this disease", "A. Physician")
    assert judged(hidden(WHOLE_NPM1, by_pcr(WHOLE_NPM1, END), overrides=(decision,))) == {}


def test_sequencing_that_never_found_a_variant_has_no_status() -> None:
    item = result(WHOLE_NPM1, END, None, Technique.DNA_SEQUENCING, "vaf", lod=0.001)
    assert judged(hidden(WHOLE_NPM1, item)) == {}


def test_optimal_by_a_miss_says_its_limit() -> None:
    [verdict] = judged(patient(MISS), guideline=DAVID).values()
    assert verdict.category == "optimal (negative at 2e-5)"


def test_flow_negative_without_a_declared_limit_says_its_events() -> None:
    [verdict] = judged(patient(result(FLOW, END, None, Technique.FLOW, "cell_fraction", events_total=800_000))).values()
    assert verdict.category == "negative among 800,000 CD45+ cells"


def test_diagnosis_has_no_status_and_is_the_baseline() -> None:
    verdicts = judged(patient(npm1(DX, 3.0), MISS))
    assert [verdict.sample for verdict in verdicts.values()] == ["end"]


def test_conversion_over_samples_is_a_relapse() -> None:
    verdicts = judged(patient(MISS, npm1(LATER, 0.0004)))
    assert [verdict.category for verdict in verdicts.values()] == ["negative at 2e-5", "MRD relapse, unconfirmed"]


def test_samples_before_a_relapse_are_not_of_this_remission() -> None:
    events = (
        START,
        REMISSION,
        Event(EventType.RELAPSE, "relapse", Time.day(150, anchor="start"), patient="P"),
        Event(EventType.TREATMENT, "salvage", Time.day(160, anchor="start"), patient="P"),
        Event(EventType.RESPONSE, "CRi", Time.day(200, anchor="start"), patient="P"),
    )
    verdicts = judged(patient(MISS, npm1(LATER, 0.0004), events=events))
    assert [verdict.category for verdict in verdicts.values()] == ["negative at 2e-5", "low_level"]


def test_no_remission_on_record_gives_no_status() -> None:
    [verdict] = judged(patient(MISS, events=(START,))).values()
    assert (verdict.applicable, verdict.category) == (False, None)
    assert "no response is recorded or can be computed" in verdict.reason


def test_recorded_failure_gives_the_level_alone() -> None:
    failed = replace(REMISSION, name="refractory")
    [verdict] = judged(patient(npm1(END, 0.05), events=(START, failed))).values()
    assert verdict.reason == "5 %; level only: no morphologic remission (recorded response refractory)"


def test_marrow_blasts_overrule_an_earlier_recorded_remission() -> None:
    blasts = Marker("blasts", MarkerKind.BLASTS, "blasts", finding=Measured(MarkerKind.BLASTS, "blasts"))
    records = patient(npm1(END, 0.05), result(blasts, END, 0.12, Technique.MORPHOLOGY, "cell_fraction"))
    records = replace(records, markers=(*records.markers, blasts))
    [verdict] = judged(records).values()
    assert verdict.reason == "5 %; level only: no morphologic remission (computed response relapse)"


def test_variants_of_one_panel_are_one_verdict() -> None:
    chip, idh2 = GENES
    kept = result(chip, END, 0.2, Technique.DNA_SEQUENCING, "vaf", lod=0.001)
    lost = result(idh2, END, None, Technique.DNA_SEQUENCING, "vaf", lod=0.0005)
    [verdict] = judged(patient(kept, lost)).values()
    assert verdict.category == "negative at 5e-4"
    assert "DNMT3A: clonal haematopoiesis" in verdict.reason


def test_methods_of_one_sample_are_listed_apart() -> None:
    flow = result(FLOW, END, None, Technique.FLOW, "cell_fraction", lod=1e-4, events_total=1_000_000)
    verdicts = judged(patient(npm1(END, 0.003), flow))
    assert {verdict.category for verdict in verdicts.values()} == {"low_level", "negative at 1e-4"}
    assert all("discordant" in verdict.flags for verdict in verdicts.values())


def test_minor_is_flagged() -> None:
    [verdict] = judged(patient(MISS, age=17)).values()
    assert "minor" in verdict.flags


def test_order_of_observations_does_not_matter() -> None:
    flow = result(FLOW, END, None, Technique.FLOW, "cell_fraction", lod=1e-4, events_total=1_000_000)
    pairs = (MISS, npm1(LATER, 0.0004), flow)
    assert judged(patient(*pairs)) == judged(patient(*reversed(pairs)))


@pytest.mark.parametrize(("days", "expected"), [(0, "CR without MRD"), (-5, "CR without MRD"), (-9, "CR")])
def test_computed_remission_is_joined_with_mrd_of_the_window(days: int, expected: str) -> None:
    tested = sample("tested", 120 + days, "end_of_treatment")
    markers, observations = [], []
    for name, kind, level, printed in (
        ("bone marrow blasts", MarkerKind.BLASTS, 0.02, "2 %"),
        ("peripheral blasts", MarkerKind.BLASTS, 0.0, "0 %"),
        ("ANC", MarkerKind.ANALYTE, 1.4, "1.4 10^9/L"),
        ("platelets", MarkerKind.ANALYTE, 150.0, "150 10^9/L"),
    ):
        markers.append(Marker(name, kind, name, finding=Measured(kind, name)))
        quantity = "cell_fraction" if kind is MarkerKind.BLASTS else "analyte"
        observations.append(replace(result(markers[-1], END, level, Technique.LABORATORY, quantity), printed=printed))
    for topic, word, status in (
        ("extramedullary disease", "none", Status.NOT_DETECTED),
        ("marrow quality", "adequate", Status.DETECTED),
    ):
        marker = Marker(topic, MarkerKind.REPORTED, f"{topic} (as reported)")
        markers.append(marker)
        observations.append(replace(result(marker, END, None, Technique.REPORTED, ""), status=status, text=word))
    records = patient(*observations, npm1(tested, 0.0002))
    records = replace(records, samples=(*records.samples, tested), markers=(*records.markers, *markers))
    [verdict] = response_verdicts(records, build_axis(records))
    assert verdict.category == expected
    assert verdict.flags == (("mrd_unknown",) if days == -9 else ("MRD-LL",))
