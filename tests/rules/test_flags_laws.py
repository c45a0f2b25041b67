"""What must hold of flags whatever the patient: thresholds, order, repetition, unrelated markers, a laboratory's changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flag_trials import answer, flags, mrd_verdict
from hypothesis import given
from hypothesis import strategies as st
from patients import drug, lesion, lod, missed, patient, sample, seen, turned, variant

from moltrack.analysis import build_axis, build_series
from moltrack.analysis.evolution import evolution
from moltrack.model import Event, EventType, Marker, MarkerKind, Observation, PatientRecords, Status, Technique, Time
from moltrack.model import Truth as T
from moltrack.rules import flags_of, load_flags
from moltrack.rules.flags import FlagRules

Write = Callable[..., Path]

SAMPLES = (sample("D", 0, "diagnosis"), sample("F", 60, "follow_up"), sample("H", 90, "post_hct"))
TRANSPLANT = Event(EventType.TRANSPLANT, "allo-HSCT", Time.day(80, anchor="start"))
ITD = lesion("FLT3_ITD", MarkerKind.ITD, genes=("FLT3",))
LOSS = lesion("minus17_abn17p", MarkerKind.COPY_NUMBER)
FLOW = Marker("MFC-MRD", MarkerKind.FLOW, "MFC-MRD")
CD7 = Marker("CD7", MarkerKind.ANTIGEN, "CD7 on blasts")
NPM1, RUNX1, TP53 = variant("NPM1"), variant("RUNX1"), variant("TP53", "p.Arg175His")
LDH = Marker("LDH", MarkerKind.ANALYTE, "LDH")


# --- thresholds: just below, at, just above ---------------------------------------------------------------------------


def flow_beside_itd(flow: float, itd: float) -> PatientRecords:
    return patient(
        (FLOW, seen(FLOW, "D", flow, technique=Technique.FLOW, quantity="cell_fraction")), (ITD, seen(ITD, "D", itd))
    )


def runx1(level: float) -> PatientRecords:
    return patient((RUNX1, seen(RUNX1, "D", level)), (RUNX1, seen(RUNX1, "F", level)), samples=SAMPLES)


def miss(limit: float, technique: Technique, quantity: str) -> PatientRecords:
    shared = {"technique": technique, "quantity": quantity}
    return patient(
        (NPM1, seen(NPM1, "D", 0.4, **shared)), (NPM1, missed(NPM1, "F", limits=lod(limit), **shared)), samples=SAMPLES
    )


def caller(own: float, counts: float) -> PatientRecords:
    return patient((NPM1, seen(NPM1, "D", counts, caller_level=own)))


def cd7(first: float, last: float) -> PatientRecords:
    pairs = [(CD7, seen(CD7, name, level, quantity="cell_fraction")) for name, level in (("D", first), ("F", last))]
    return patient(*pairs, samples=SAMPLES)


def fish(level: float) -> PatientRecords:
    return patient((LOSS, seen(LOSS, "D", level, technique=Technique.FISH, flags=("cutoff_unknown",))))


@pytest.mark.parametrize(
    ("rule", "records", "expected"),
    [
        pytest.param("minor", lambda age: patient(age=age), {17.9: T.YES, 18: T.NO, 18.1: T.NO}, id="adult-age"),
        pytest.param("discordant", lambda x: flow_beside_itd(x, 0.05), {0.00099: T.YES, 0.001: T.NO, 0.0011: T.NO}, id="flow"),
        pytest.param("discordant", lambda x: flow_beside_itd(0.0001, x), {0.0099: T.NO, 0.01: T.YES, 0.011: T.YES}, id="clearly-positive"),
        pytest.param("cutoff_unknown", fish, {0.04: T.UNKNOWN, 0.099: T.UNKNOWN, 0.10: T.UNKNOWN, 0.101: T.YES}, id="usual-cutoffs"),
        pytest.param("antigen_loss", lambda x: cd7(0.8, x), {0.399: T.YES, 0.4: T.NO, 0.401: T.NO}, id="antigen-share"),
        pytest.param("germline_gene", runx1, {0.399: T.NO, 0.4: T.YES, 0.401: T.YES}, id="heterozygous-from"),
        pytest.param("germline_gene", runx1, {0.599: T.YES, 0.6: T.YES, 0.601: T.NO}, id="heterozygous-to"),
        pytest.param("germline_gene", runx1, {0.899: T.NO, 0.9: T.YES, 0.901: T.YES}, id="homozygous-from"),
        pytest.param("caller_level_differs", lambda x: caller(0.03125 + x, 0.03125), {0.019: T.NO, 0.0199: T.NO, 0.021: T.YES}, id="caller-difference"),
        pytest.param("caller_level_differs", lambda x: caller(0.25 + x, 0.25), {0.0499: T.NO, 0.05: T.NO, 0.0501: T.YES}, id="caller-share"),
        pytest.param("follow_up_insensitive", lambda x: miss(x, Technique.FLOW, "cell_fraction"), {0.00099: T.NO, 0.001: T.NO, 0.0011: T.YES}, id="needed-by-flow"),
        pytest.param("follow_up_insensitive", lambda x: miss(x, Technique.QPCR, "normalized_copies"), {0.000099: T.NO, 0.0001: T.NO, 0.00011: T.YES}, id="needed-by-qpcr"),
        pytest.param("follow_up_insensitive", lambda x: miss(x, Technique.DPCR, "vaf"), {0.000099: T.NO, 0.0001: T.NO, 0.00011: T.YES}, id="needed-by-dpcr"),
        pytest.param("follow_up_insensitive", lambda x: miss(x, Technique.DNA_SEQUENCING, "vaf"), {0.00099: T.NO, 0.001: T.NO, 0.0011: T.YES}, id="needed-by-sequencing"),
    ],
)  # fmt: skip
def test_threshold(rule: str, records: Callable[[float], PatientRecords], expected: dict[float, T]) -> None:
    assert {value: answer(records(value), rule) for value in expected} == expected


# --- order, repetition, unrelated markers -----------------------------------------------------------------------------

POOL = (FLOW, CD7, ITD, LOSS, NPM1, RUNX1, TP53, variant("TP53", "p.Arg248Gln"), variant("DNMT3A", "p.Arg882His"))
POOL += (variant("NRAS", "p.Gln61Lys"), variant("FLT3", "p.Phe691Leu", tracked=False))
LEVELS = st.sampled_from([None, 0.0002, 0.001, 0.01, 0.09, 0.45, 0.5, 0.95])


@st.composite
def results(draw: st.DrawFn) -> tuple[Marker, Observation]:
    marker, where = draw(st.sampled_from(POOL)), draw(st.sampled_from(SAMPLES)).sample
    more = {
        "assay": draw(st.sampled_from(["panel", "other"])),
        "technique": draw(st.sampled_from([Technique.DNA_SEQUENCING, Technique.FLOW, Technique.FISH])),
        "quantity": draw(st.sampled_from(["vaf", "cell_fraction", "allelic_ratio"])),
        "flags": draw(st.sampled_from([(), ("cutoff_unknown",), ("ar_from_ngs",)])),
        "limits": draw(st.sampled_from([(), lod(0.001), lod(0.02)])),
        "tool_version": draw(st.sampled_from(["", "1", "2"])),
    }
    status = draw(st.sampled_from([Status.DETECTED, Status.DETECTED, Status.NOT_DETECTED, Status.NOT_EVALUABLE]))
    if status is Status.DETECTED:
        return marker, seen(marker, where, draw(LEVELS), **more)
    return marker, seen(marker, where, status=status, **more)


@st.composite
def patients(draw: st.DrawFn) -> PatientRecords:
    events = draw(st.lists(st.sampled_from([TRANSPLANT, drug("salvage", 10, "gilteritinib")]), unique=True))
    found = draw(st.lists(results(), max_size=8))
    return patient(*found, samples=SAMPLES, events=tuple(events), age=draw(st.sampled_from([None, 17, 60])))


VERDICTS = [mrd_verdict("F"), mrd_verdict("H", "MRD relapse, unconfirmed")]


@given(patients())
def test_the_order_of_observations_and_markers_does_not_matter(records: PatientRecords) -> None:
    again = replace(records, markers=records.markers[::-1], observations=records.observations[::-1])
    assert set(flags(again, mrd=VERDICTS)) == set(flags(records, mrd=VERDICTS))


@given(patients())
def test_a_repeated_observation_changes_nothing(records: PatientRecords) -> None:
    axis = build_axis(records)
    facts = evolution(records, axis, build_series(records, axis))
    assert flags_of(turned(records), axis, evolution=facts) == flags_of(records, axis, evolution=facts)


@given(patients())
def test_an_unrelated_marker_changes_nothing(records: PatientRecords) -> None:
    more = replace(
        records,
        markers=(*records.markers, LDH),
        observations=(*records.observations, seen(LDH, "D", 900.0, quantity="concentration"), seen(LDH, "F", 200.0)),
    )
    assert [flag for flag in flags(more, mrd=VERDICTS) if flag.marker != LDH.id] == flags(records, mrd=VERDICTS)


@given(patients())
def test_every_flag_is_a_sentence_with_its_reason(records: PatientRecords) -> None:
    for flag in flags(records, mrd=VERDICTS):
        assert not set("{}") & set(flag.text)
        assert "  " not in flag.text
        assert flag.citation
        assert flag.answer is not T.NO
        assert bool(flag.missing) or flag.answer is T.YES or flag.id == "molecular_relapse"


# --- a laboratory's thresholds ----------------------------------------------------------------------------------------


@pytest.fixture
def lab(write: Write) -> FlagRules:
    return load_flags(write("lab.yaml", "extends: flags", "version: our lab", "thresholds: {mfc_positive: 0.01}"))


def test_a_changed_threshold_moves_the_flag_and_is_said_in_it(lab: FlagRules) -> None:
    records = flow_beside_itd(0.005, 0.05)
    assert flags(records, "discordant") == []
    [flag] = flags(records, "discordant", rules=lab)
    assert flag.text == (
        "Sample D: MFC-MRD 0.5 % is below 1 %, while FLT3_ITD 5 % is detected;"
        " threshold changed by the laboratory: mfc_positive is 0.01 instead of 0.001."
    )
    assert flag.overridden == ("mfc_positive is 0.01 instead of 0.001",)


def test_flags_that_do_not_read_the_threshold_say_nothing_of_it(lab: FlagRules) -> None:
    records = patient((RUNX1, seen(RUNX1, "D", 0.5)), (RUNX1, seen(RUNX1, "F", 0.5)), samples=SAMPLES, age=17)
    assert flags(records, rules=lab) == flags(records)


def test_the_rules_say_what_was_changed(lab: FlagRules) -> None:
    assert (lab.version, lab.overridden) == ("1+our lab", ("mfc_positive is 0.01 instead of 0.001",))
    assert load_flags().overridden == ()


def test_a_file_that_repeats_a_threshold_changes_nothing(write: Write) -> None:
    same = load_flags(write("lab.yaml", "extends: flags", "thresholds: {adult_age: 18}"))
    assert same.overridden == ()
    assert flags(patient(age=17), rules=same) == flags(patient(age=17))


def test_changes_upon_changes_are_all_said(write: Write, lab: FlagRules) -> None:
    more = load_flags(write("more.yaml", "extends: lab.yaml", "thresholds: {clearly_positive: 0.1}"))
    [flag] = flags(flow_beside_itd(0.005, 0.5), "discordant", rules=more)
    assert flag.overridden == ("mfc_positive is 0.01 instead of 0.001", "clearly_positive is 0.1 instead of 0.01")
