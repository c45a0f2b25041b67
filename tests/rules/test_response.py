"""Response by the ELN: every vignette, thresholds just below, at and above, laws over unknown values, and a patient's samples."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.analysis import build_axis
from moltrack.errors import InputError, RuleError, UnknownError
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
    PatientInfo,
    PatientRecords,
    Phase,
    SampleInfo,
    Status,
    Technique,
    Time,
    Tissue,
    Truth,
    Verdict,
)
from moltrack.rules.response import ResponseInputs, response_status, response_verdicts
from moltrack.rules.ruleset import load_ruleset


def clear(bm: float | None, anc: float | None, platelets: float | None, **more: object) -> ResponseInputs:
    """Marrow blasts in %, counts in 10^9/L; no circulating blasts, no extramedullary disease, a good marrow."""
    known: dict[str, object] = {
        "bm_blasts": None if bm is None else bm / 100,
        "anc": anc,
        "platelets": platelets,
        "pb_blasts": 0.0,
        "extramedullary": False,
        "marrow_adequate": True,
    }
    return ResponseInputs(**(known | more))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Vignette:
    id: str
    inputs: ResponseInputs
    eln2022: str
    eln2017: str
    flags2022: tuple[str, ...] = ()
    deciding: tuple[str, ...] = field(default=())


NOT_2017 = "none of the categories"

#: Döhner, Blood 2022;140:1345 and Blood 2017;129:424, response criteria. The third and fourth column are the verdicts.
VIGNETTES = (
    Vignette("C01", clear(3, 1.2, 140), "CR", "CR"),
    Vignette("C02", clear(4.9, 1.0, 100), "CR", "CR"),
    Vignette("C03", clear(3, 0.99, 150), "CRh", "CRi"),
    Vignette("C04", clear(3, 1.5, 60), "CRh", "CRi"),
    Vignette("C05", clear(3, 0.7, 70), "CRh", "CRi"),
    Vignette("C06", clear(3, 0.4, 120), "CRi", "CRi"),
    Vignette("C07", clear(3, 1.4, 49), "CRi", "CRi"),
    Vignette("C08", clear(3, 0.3, 20, marrow_adequate=None, cells_counted=200), "NA{CRi,MLFS}; conv MLFS", "NA{CRi,MLFS}; conv MLFS"),
    Vignette("C09", clear(2, 0.2, 15, marrow_adequate=None, cells_counted=80), "nonevaluable", "nonevaluable"),
    Vignette("C10", clear(5.0, 1.1, 110, pretreatment_blasts=0.60), "PR", "PR"),
    Vignette("C11", clear(20, 1.2, 110, pretreatment_blasts=0.35), "no response", NOT_2017),
    Vignette("C12", clear(20, 0.6, 110, pretreatment_blasts=0.60), "no response", NOT_2017),
    Vignette("C13", clear(26, 1.5, 150, pretreatment_blasts=0.80), "no response", NOT_2017),
    Vignette("C14", clear(3, 1.2, 140, pb_blasts=0.02), "no response", NOT_2017),
    Vignette("C15", clear(2, 1.5, None), "NA{CR,CRh,CRi}", "NA{CR,CRi}", deciding=("platelets",)),
    # 2017 has no row for a marrow that was not done: whatever it would have shown stays possible.
    Vignette(
        "C16",
        clear(None, 1.5, 150, marrow_done=False),
        "nonevaluable",
        "NA{CR,PR,none of the categories}",
    ),
    Vignette("C17", clear(30, 1.5, 150, intensive_cycles=2, pretreatment_blasts=0.6), "refractory", "refractory"),
    Vignette("C18", clear(6, 1.5, 150, earlier_remission=True), "relapse", "relapse"),
    Vignette(
        "C19",
        clear(None, 1.5, 150, marrow_done=False, earlier_remission=True, pb_blasts=0.02, blood_blast_days=(0,)),
        "NA{relapse,nonevaluable}",
        "NA{none of the categories,relapse}",
        deciding=("a second blood sample at least 1 week later, or bone marrow blasts",),
    ),
    Vignette(
        "C20",
        clear(None, 1.5, 150, marrow_done=False, earlier_remission=True, pb_blasts=0.02, blood_blast_days=(0, 8)),
        "relapse",
        "relapse",
    ),
    Vignette(
        "C21", clear(3, 1.2, 140, mrd="low_level", mrd_text="NPM1 0.02 %"), "CR without MRD", "CR", flags2022=("MRD-LL",)
    ),
    Vignette("C22", clear(3, 0.99, 150, mrd="below_threshold", mrd_text="0.02 % by MFC, LOD 0.01 %"), "CRh without MRD", "CRi"),
    Vignette("C23", clear(3, 1.2, 140), "CR", "CR", flags2022=("mrd_unknown",)),
)  # fmt: skip


@pytest.mark.parametrize("guideline", ["eln2022", "eln2017"])
@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette.id)
def test_vignette(vignette: Vignette, guideline: str) -> None:
    assert response_status(vignette.inputs, guideline).text == getattr(vignette, guideline)


@pytest.mark.parametrize("vignette", [v for v in VIGNETTES if v.flags2022], ids=lambda vignette: vignette.id)
def test_vignette_flags(vignette: Vignette) -> None:
    assert set(vignette.flags2022) <= set(response_status(vignette.inputs).flags)


@pytest.mark.parametrize("vignette", [v for v in VIGNETTES if v.deciding], ids=lambda vignette: vignette.id)
def test_vignette_names_what_would_decide(vignette: Vignette) -> None:
    assert response_status(vignette.inputs).deciding == vignette.deciding


def test_mrd_level_is_shown_with_the_remission() -> None:
    [c22] = [vignette for vignette in VIGNETTES if vignette.id == "C22"]
    assert response_status(c22.inputs).reason == "MRD below threshold (0.02 % by MFC, LOD 0.01 %)"


def test_detectable_mrd_is_no_negativity_in_2017() -> None:
    [c21] = [vignette for vignette in VIGNETTES if vignette.id == "C21"]
    assert "mrd_detectable" in response_status(c21.inputs, "eln2017").flags


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        pytest.param(clear(4.99, 1, 100), "CR", id="blasts-below-5"),
        pytest.param(clear(5, 1, 100, pretreatment_blasts=0.1), "PR", id="blasts-at-5"),
        pytest.param(clear(25, 1, 100, pretreatment_blasts=0.5), "PR", id="blasts-at-25-halved-exactly"),
        pytest.param(clear(25.1, 1, 100, pretreatment_blasts=0.6), "no response", id="blasts-above-25"),
        pytest.param(clear(20, 1, 100, pretreatment_blasts=0.39), "no response", id="fall-below-half"),
        pytest.param(clear(3, 0.999, 100), "CRh", id="neutrophils-below-1"),
        pytest.param(clear(3, 1, 99.9), "CRh", id="platelets-below-100"),
        pytest.param(clear(3, 0.5, 50), "CRh", id="both-at-partial-recovery"),
        pytest.param(clear(3, 0.499, 50), "CRi", id="neutrophils-below-0.5"),
        pytest.param(clear(3, 0.5, 49.9), "CRi", id="platelets-below-50"),
        pytest.param(clear(3, 0.1, 10, marrow_adequate=None, cellularity=0.10), "NA{CRi,MLFS}; conv MLFS", id="cellularity-10"),
        pytest.param(clear(3, 0.1, 10, marrow_adequate=None, cellularity=0.09), "nonevaluable", id="cellularity-below-10"),
        pytest.param(clear(3, 1, 100, marrow_adequate=None, cells_counted=199), "nonevaluable", id="199-cells"),
        pytest.param(clear(3, 1, 100, marrow_adequate=None, cells_counted=300, spicules=False), "nonevaluable", id="no-spicules"),
        pytest.param(clear(3, 1, 100, extramedullary=True), "no response", id="extramedullary"),
        pytest.param(clear(3, 1, 100, extramedullary=True, earlier_remission=True), "relapse", id="extramedullary-after-remission"),
        pytest.param(clear(4.9, 1, 100, earlier_remission=True), "CR", id="still-in-remission"),
        pytest.param(clear(30, 1, 100, intensive_cycles=1), "no response", id="one-cycle"),
        pytest.param(clear(30, 1, 100, landmark=True), "refractory", id="landmark-by-time"),
    ],
)  # fmt: skip
def test_thresholds(inputs: ResponseInputs, expected: str) -> None:
    assert response_status(inputs).text == expected


@pytest.mark.parametrize(
    ("days", "expected"), [((0, 6), "NA{relapse,nonevaluable}"), ((0, 7), "relapse"), ((0, 8), "relapse")]
)
def test_blood_blasts_a_week_apart_are_a_relapse(days: tuple[float, ...], expected: str) -> None:
    inputs = clear(None, 1.5, 150, marrow_done=False, earlier_remission=True, pb_blasts=0.02, blood_blast_days=days)
    assert response_status(inputs).text == expected


def test_partial_remission_at_the_landmark_is_flagged() -> None:
    verdict = response_status(clear(10, 1.5, 150, pretreatment_blasts=0.6, intensive_cycles=2))
    assert (verdict.category, verdict.flags) == ("PR", ("refractory_at_landmark",))


def test_supported_counts_are_flagged() -> None:
    assert "counts_supported" in response_status(clear(3, 1.2, 140, unsupported=False)).flags


def test_only_blasts_known_leaves_six_categories_open() -> None:
    verdict = response_status(ResponseInputs(bm_blasts=0.0))
    assert verdict.text == "NA{CR,CRh,CRi,MLFS,no response,nonevaluable}"
    assert verdict.deciding == (
        "neutrophils (ANC)",
        "platelets",
        "circulating blasts",
        "extramedullary disease",
        "marrow quality (spicules, cells counted or cellularity)",
    )
    assert verdict.as_observed == "NA{CR,CRh,CRi,MLFS}"


def test_each_criterion_is_traced() -> None:
    traces = {trace.name: trace for trace in response_status(ResponseInputs(bm_blasts=0.03, anc=0.4)).predicates}
    assert (traces["blasts_not_cleared"].answer, traces["blasts_not_cleared"].value) == (Truth.NO, "3 %")
    assert (traces["neutrophils_recovered"].answer, traces["neutrophils_recovered"].value) == (Truth.NO, "0.4 x 10^9/L")
    assert traces["platelets_recovered"].missing == ("platelets",)


def test_the_row_that_holds_is_named_with_its_citation() -> None:
    verdict = response_status(clear(3, 0.99, 150))
    assert [(row.id, row.answer) for row in verdict.rules if row.category in {"CR", "CRh", "CRi"}] == [
        ("cr", Truth.NO),
        ("crh", Truth.YES),
        ("cri", Truth.NO),
    ]
    assert all(row.citation == "Döhner, Blood 2022;140:1345, response criteria in AML" for row in verdict.rules)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("bm_blasts", 3.0, r"bm_blasts is 3, which is no fraction.*Write 3 % as 0.03", id="percent"),
        pytest.param("anc", -1.0, "anc is -1; a count cannot be negative", id="negative"),
    ],
)
def test_impossible_values_are_refused(name: str, value: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ResponseInputs(**{name: value})  # type: ignore[arg-type]


# --- laws -------------------------------------------------------------------------------------------------------------

VALUES: dict[str, tuple[object, ...]] = {
    "anc": (0.2, 0.7, 1.4),
    "platelets": (20.0, 70.0, 140.0),
    "pb_blasts": (0.0, 0.03),
    "extramedullary": (True, False),
    "marrow_adequate": (True, False),
    "pretreatment_blasts": (0.2, 0.8),
}
BLASTS = (0.0, 0.03, 0.05, 0.2, 0.3)


@st.composite
def partly_known(draw: st.DrawFn) -> ResponseInputs:
    known = {name: draw(st.sampled_from((None, *values))) for name, values in VALUES.items()}
    return ResponseInputs(
        bm_blasts=draw(st.sampled_from(BLASTS)),
        earlier_remission=draw(st.booleans()),
        landmark=draw(st.booleans()),
        **known,  # type: ignore[arg-type]
    )


def categories(verdict: Verdict) -> set[str]:
    return {verdict.category} if verdict.category else set(verdict.possible)


@pytest.mark.parametrize("guideline", ["eln2022", "eln2017"])
@settings(max_examples=150, deadline=None)
@given(inputs=partly_known())
def test_learning_a_value_never_turns_one_category_into_another(guideline: str, inputs: ResponseInputs) -> None:
    before = response_status(inputs, guideline)
    for name, values in VALUES.items():
        if getattr(inputs, name) is not None:
            continue
        for value in values:
            after = response_status(replace(inputs, **{name: value}), guideline)
            if after.convention:
                assert after.convention in categories(before)
            else:
                assert categories(after) <= categories(before)


@settings(max_examples=40, deadline=None)
@given(inputs=partly_known())
def test_verdict_is_that_of_all_completions(inputs: ResponseInputs) -> None:
    unknown = [name for name in VALUES if getattr(inputs, name) is None]
    found: set[str] = set()
    for values in itertools.product(*(VALUES[name] for name in unknown)):
        verdict = response_status(replace(inputs, **dict(zip(unknown, values, strict=True))))
        found |= {verdict.convention} if verdict.convention else categories(verdict)
    verdict = response_status(inputs)
    assert found == ({verdict.convention} if verdict.convention else categories(verdict))


# --- files ------------------------------------------------------------------------------------------------------------


def test_laboratory_threshold_is_used_and_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "ours.yaml"
    path.write_text("extends: eln2022\nversion: lab-3\nthresholds:\n  cr_neutrophils: 1.5\n")
    verdict = response_status(clear(3, 1.2, 140), path)
    assert verdict.category == "CRh"
    assert verdict.overridden == ("cr_neutrophils is 1.5 instead of 1",)
    assert verdict.version == "1+lab-3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("extends: eln2022\nthresholds:\n  neutrophils: 1\n", r"ours.yaml:3: response_eln2022 has no threshold 'neutrophils'", id="threshold"),
        pytest.param("extends: eln2022\nthresholds:\n  blasts: five\n", r"ours.yaml:3: thresholds.blasts: 'five' is not a number", id="number"),
        pytest.param("extends: eln1999\n", "'eln1999' is neither a guideline for response", id="base"),
        pytest.param("kind: response\nid: x\ncells: []\n", r"ours.yaml:3: 'cells' is not a field", id="field"),
    ],
)  # fmt: skip
def test_wrong_file_names_its_line(tmp_path, text: str, message: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "ours.yaml"
    path.write_text(text)
    with pytest.raises(RuleError, match=message):
        load_ruleset(path, "response")


def test_unknown_guideline_lists_those_there_are() -> None:
    with pytest.raises(UnknownError, match=r"'eln2010' is neither a guideline for response \(eln2017, eln2022\)"):
        response_status(clear(3, 1.2, 140), "eln2010")


# --- a patient's samples ----------------------------------------------------------------------------------------------


def sample(name: str, day: int | None, tissue: Tissue = Tissue.BM, phase: str = "") -> SampleInfo:
    time = Time.day(day, anchor="start") if day is not None else Time()
    return SampleInfo("P", name, time, tissue, Phase.parse(phase) if phase else None)


def seen(
    where: SampleInfo, name: str, value: float | None, unit: str = "", *, negative: bool = False
) -> tuple[Marker, Observation]:
    """Blasts in % of the sample's tissue, or a count in its unit."""
    kind = MarkerKind.BLASTS if "blasts" in name else MarkerKind.ANALYTE
    fraction = kind is MarkerKind.BLASTS and value is not None
    observation = Observation(
        "P",
        where.sample,
        name,
        "lab",
        Technique.MORPHOLOGY if fraction else Technique.LABORATORY,
        where.tissue,
        Status.NOT_DETECTED if negative or value == 0 else Status.DETECTED,
        quantity="cell_fraction" if kind is MarkerKind.BLASTS else "analyte",
        level=value / 100 if fraction and value is not None else value,
        printed="" if value is None else f"{value:g} {'%' if fraction else unit}".strip(),
    )
    return Marker(name, kind, name, finding=Measured(kind, name)), observation


def reported(where: SampleInfo, topic: str, conclusion: str, *, negative: bool = False) -> tuple[Marker, Observation]:
    status = Status.NOT_DETECTED if negative else Status.DETECTED
    observation = Observation(
        "P", where.sample, f"reported: {topic}", "reported", Technique.REPORTED, where.tissue, status, text=conclusion
    )
    return Marker(f"reported: {topic}", MarkerKind.REPORTED, f"{topic} (as reported)"), observation


def event(kind: EventType, name: str, day: int) -> Event:
    return Event(kind, name, Time.day(day, anchor="start"), patient="P", is_anchor=name == "start", recorded_by="ward")


START = event(EventType.TREATMENT, "start", 0)


def patient(
    *pairs: tuple[Marker, Observation], samples: tuple[SampleInfo, ...], events: tuple[Event, ...] = (START,)
) -> PatientRecords:
    markers = {marker.id: marker for marker, _ in pairs}
    return PatientRecords(PatientInfo("P"), samples, events, tuple(markers.values()), tuple(item for _, item in pairs))


def judged(records: PatientRecords, **options: object) -> tuple[Verdict, ...]:
    return response_verdicts(records, build_axis(records), **options)  # type: ignore[arg-type]


D28 = sample("d28", 28)
BLOOD = sample("blood", 26, Tissue.PB)


def full(where: SampleInfo = D28, blood: SampleInfo = BLOOD, blasts: float = 2.0) -> list[tuple[Marker, Observation]]:
    return [
        seen(where, "blasts", blasts),
        seen(blood, "blasts", 0.0),
        seen(blood, "ANC", 1200, "/µL"),
        seen(blood, "platelets", 140, "10^9/L"),
        reported(where, "extramedullary disease", "none", negative=True),
        reported(where, "marrow quality", "adequate"),
    ]


def test_values_of_a_week_are_one_assessment() -> None:
    [verdict] = judged(patient(*full(), samples=(D28, BLOOD)))
    assert (verdict.sample, verdict.category) == ("d28", "CR")
    assert verdict.guideline_note.startswith("Values within 7 days of the sample count as one assessment.")


def test_values_outside_the_window_are_not_read() -> None:
    [verdict] = judged(patient(*full(), samples=(D28, BLOOD)), window_days=1)
    assert verdict.deciding == ("neutrophils (ANC)", "platelets", "circulating blasts")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(1.2, "10^9/L", "CR", id="10^9/L"),
        pytest.param(1.2, "1e9/L", "CR", id="1e9/L"),
        pytest.param(1.2, "x10⁹/L", "CR", id="superscript"),
        pytest.param(1.2, "G/L", "CR", id="giga"),
        pytest.param(1.2, "10^3/µL", "CR", id="10^3/µL"),
        pytest.param(1.2, "K/uL", "CR", id="K/uL"),
        pytest.param(1000, "/µL", "CR", id="/µL"),
        pytest.param(999, "cells/µL", "CRh", id="cells/µL"),
        pytest.param(1200, "/mm3", "CR", id="/mm3"),
        pytest.param(1.2, "", "NA{CR,CRh,CRi}", id="no-unit"),
        pytest.param(70, "%", "NA{CR,CRh,CRi}", id="percent"),
    ],
)
def test_counts_are_read_by_their_printed_unit(value: float, unit: str, expected: str) -> None:
    pairs = [pair for pair in full() if pair[0].id != "ANC"]
    [verdict] = judged(patient(*pairs, seen(BLOOD, "ANC", value, unit), samples=(D28, BLOOD)))
    assert verdict.text == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("no extramedullary disease", "CR", id="no"),
        pytest.param("not found", "CR", id="not-found"),
        pytest.param("absent", "CR", id="absent"),
        pytest.param("keiner", "no response", id="not-a-known-word"),
        pytest.param("keine", "CR", id="german"),
        pytest.param("skin", "no response", id="site"),
        pytest.param("not assessed", "NA{CR,no response}", id="not-assessed"),
    ],
)
def test_words_on_extramedullary_disease(word: str, expected: str) -> None:
    pairs = [pair for pair in full() if "extramedullary" not in pair[0].id]
    [verdict] = judged(patient(*pairs, reported(D28, "extramedullary disease", word), samples=(D28, BLOOD)))
    assert verdict.text == expected


def test_cells_counted_in_the_marrow_speak_for_its_quality() -> None:
    pairs = [pair for pair in full() if "marrow" not in pair[0].id]
    marker, blasts = pairs[0]
    pairs[0] = marker, replace(blasts, counts=Counts(cells=4, cells_total=200))
    [verdict] = judged(patient(*pairs, samples=(D28, BLOOD)))
    assert verdict.category == "CR"


def test_blasts_below_a_bound_of_5_percent_are_below_5_percent() -> None:
    marker, blasts = seen(D28, "blasts", None, negative=True)
    bounded = replace(blasts, limits=(Limit(LimitKind.LOD, 0.05, "printed as <"),))
    [verdict] = judged(patient((marker, bounded), *full()[1:], samples=(D28, BLOOD)))
    assert verdict.category == "CR"


def test_blasts_without_a_number_leave_the_response_open() -> None:
    [verdict] = judged(patient(seen(D28, "blasts", None), *full()[1:], samples=(D28, BLOOD)))
    assert "bone marrow blasts" in verdict.deciding


def test_diagnosis_is_not_judged() -> None:
    diagnosis = sample("dx", -3, phase="diagnosis")
    verdicts = judged(patient(seen(diagnosis, "blasts", 60), *full(), samples=(diagnosis, D28, BLOOD)))
    assert [verdict.sample for verdict in verdicts] == ["d28"]


def test_fall_is_measured_against_the_diagnosis() -> None:
    diagnosis = sample("dx", -3, phase="diagnosis")
    [verdict] = judged(patient(seen(diagnosis, "blasts", 60), *full(blasts=20), samples=(diagnosis, D28, BLOOD)))
    assert verdict.category == "PR"


def test_marrow_disease_after_a_computed_remission_is_a_relapse() -> None:
    later, blood = sample("d90", 90), sample("blood90", 91, Tissue.PB)
    records = patient(*full(), *full(later, blood, blasts=6), samples=(D28, BLOOD, later, blood))
    assert [verdict.category for verdict in judged(records)] == ["CR", "relapse"]


def test_marrow_disease_after_a_recorded_remission_is_a_relapse() -> None:
    remission = event(EventType.RESPONSE, "CRi", 20)
    [verdict] = judged(patient(*full(blasts=6), samples=(D28, BLOOD), events=(START, remission)))
    assert verdict.category == "relapse"


def test_treated_relapse_starts_a_new_course() -> None:
    events = (
        START,
        event(EventType.RESPONSE, "CR", 10),
        event(EventType.RELAPSE, "relapse", 15),
        event(EventType.TREATMENT, "FLAG-Ida", 17),
    )
    [verdict] = judged(patient(*full(blasts=30), samples=(D28, BLOOD), events=events))
    assert verdict.category == "no response"


def test_recorded_response_stands_beside_the_computed_one() -> None:
    recorded = event(EventType.RESPONSE, "PR", 29)
    [verdict] = judged(patient(*full(), samples=(D28, BLOOD), events=(START, recorded)))
    assert verdict.category == "CR"
    assert "Recorded response: PR, day 29 from start, by ward." in verdict.guideline_note


def test_recorded_cytopenia_is_no_count() -> None:
    toxicity = replace(event(EventType.TOXICITY, "cytopenia", 14), grade="4")
    [verdict] = judged(patient(seen(D28, "blasts", 0), samples=(D28,), events=(START, toxicity)))
    assert verdict.text == "NA{CR,CRh,CRi,MLFS,no response,nonevaluable}"
    assert "not used as counts: cytopenia grade 4" in verdict.guideline_note


def test_transfusion_in_the_window_is_flagged() -> None:
    transfusion = event(EventType.TRANSFUSION, "platelets", 25)
    [verdict] = judged(patient(*full(), samples=(D28, BLOOD), events=(START, transfusion)))
    assert "counts_supported" in verdict.flags


def test_order_of_observations_does_not_matter() -> None:
    pairs = full()
    assert judged(patient(*pairs, samples=(D28, BLOOD))) == judged(patient(*reversed(pairs), samples=(D28, BLOOD)))
