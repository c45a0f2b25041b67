"""How observations are read: what counts as present, absent, or neither."""

from __future__ import annotations

from dataclasses import replace

import pytest
from patients import lesion, missed, patient, sample, seen, turned, variant

from moltrack.analysis import build_axis
from moltrack.errors import UnknownError
from moltrack.model import (
    Marker,
    MarkerKind,
    Observation,
    PatientRecords,
    Status,
    Technique,
    Truth,
)
from moltrack.rules import Inputs, evaluate, inputs_of, load_ruleset, risk_verdict

LOSS = lesion("minus17_abn17p", MarkerKind.COPY_NUMBER)
CBF = lesion("t_8_21")
NPM1 = variant("NPM1", "p.Trp288fs")
ITD = Marker("FLT3-ITD", MarkerKind.ITD, "FLT3-ITD", genes=("FLT3",), lesions=("FLT3_ITD",))


def read(*pairs: tuple[Marker, Observation]) -> Inputs:
    return inputs_of(patient(*pairs), ("D",))


# --- present, absent, neither -----------------------------------------------------------------------------------------


def test_detected_is_yes_and_names_its_file_and_line() -> None:
    found = read((CBF, seen(CBF, "D")))
    assert found.answer("t_8_21") is Truth.YES
    assert found.evidence["t_8_21"][0].origin == "calls.vcf:12"


def test_not_detected_is_no_and_not_tested_is_unknown() -> None:
    found = read((CBF, missed(CBF, "D")))
    assert found.answer("t_8_21") is Truth.NO
    assert found.answer("inv16_t16_16") is Truth.UNKNOWN


def test_not_evaluable_is_unknown() -> None:
    assert read((CBF, seen(CBF, "D", status=Status.NOT_EVALUABLE))).answer("t_8_21") is Truth.UNKNOWN


def test_one_technique_that_sees_it_outweighs_one_that_does_not() -> None:
    fish = missed(CBF, "D", assay="fish", technique=Technique.FISH)
    assert read((CBF, seen(CBF, "D")), (CBF, fish)).answer("t_8_21") is Truth.YES


def test_a_failed_test_does_not_spoil_an_adequate_miss() -> None:
    failed = seen(CBF, "D", assay="karyotype", status=Status.NOT_EVALUABLE)
    assert read((CBF, missed(CBF, "D")), (CBF, failed)).answer("t_8_21") is Truth.NO


def test_one_variant_that_is_absent_says_nothing_of_its_gene() -> None:
    """A forced call of RUNX1 p.Arg162Lys without reads leaves the rest of RUNX1 untested."""
    one = variant("RUNX1", "p.Arg162Lys")
    assert read((one, missed(one, "D"))).answer("RUNX1") is Truth.UNKNOWN


def test_a_gene_that_was_covered_without_a_variant_is_absent() -> None:
    gene = Marker("RUNX1", MarkerKind.SMALL_VARIANT, "RUNX1 (any pathogenic variant)", ("RUNX1",), ("RUNX1",))
    assert read((gene, missed(gene, "D"))).answer("RUNX1") is Truth.NO


@pytest.mark.parametrize("flag", ["unconfirmed", "bzip_boundary"])
def test_a_doubtful_detection_is_unknown_even_beside_a_miss(flag: str) -> None:
    doubtful = seen(CBF, "D", assay="caller", flags=(flag,))
    assert read((CBF, missed(CBF, "D")), (CBF, doubtful)).answer("t_8_21") is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("level", "answer"),
    [
        pytest.param(0.05, Truth.UNKNOWN, id="lower-end"),
        pytest.param(0.09, Truth.UNKNOWN, id="inside"),
        pytest.param(0.10, Truth.UNKNOWN, id="upper-end"),
        pytest.param(0.101, Truth.YES, id="above"),
    ],
)
def test_fish_without_a_cutoff_is_open_within_the_usual_range(level: float, answer: Truth) -> None:
    item = seen(LOSS, "D", level, technique=Technique.FISH, quantity="cell_fraction", flags=("cutoff_unknown",))
    found = read((LOSS, item))
    assert found.answer("minus17_abn17p") is answer
    assert ("usual range of cutoffs" in found.notes["minus17_abn17p"]) == (answer is Truth.UNKNOWN)


def test_fish_with_a_cutoff_is_read_as_it_stands() -> None:
    item = seen(LOSS, "D", 0.09, technique=Technique.FISH, quantity="cell_fraction")
    assert read((LOSS, item)).answer("minus17_abn17p") is Truth.YES


def test_other_samples_are_not_read() -> None:
    records = patient((CBF, seen(CBF, "R")), samples=(sample("D", 0, "diagnosis"), sample("R", 90, "relapse")))
    assert inputs_of(records, ("D",)).answer("t_8_21") is Truth.UNKNOWN


# --- KMT2A ------------------------------------------------------------------------------------------------------------


def test_a_break_apart_probe_leaves_the_partner_open() -> None:
    """Positive without partner: MLLT3 would be intermediate, another adverse (Döhner, Blood 2022;140:1345, Table 6)."""
    apart = lesion("kmt2a_r_partner_unknown")
    others = [lesion(name) for name in ("t_9_11", "t_v_11q23_other")]
    found = read((apart, seen(apart, "D")), *((marker, missed(marker, "D")) for marker in others))
    verdict = evaluate(load_ruleset("eln2022"), replace(found, answers={**ABSENT, **found.answers}))
    assert verdict.text == "NA{I,A}"


def test_a_normal_break_apart_probe_excludes_every_partner() -> None:
    apart = lesion("kmt2a_r_partner_unknown")
    found = read((apart, missed(apart, "D")))
    assert (found.answer("t_9_11"), found.answer("t_v_11q23_other")) == (Truth.NO, Truth.NO)


def test_a_known_partner_settles_a_positive_break_apart_probe() -> None:
    apart, mllt3, other = lesion("kmt2a_r_partner_unknown"), lesion("t_9_11"), lesion("t_v_11q23_other")
    found = read((apart, seen(apart, "D")), (mllt3, seen(mllt3, "D")), (other, missed(other, "D")))
    verdict = evaluate(load_ruleset("eln2022"), replace(found, answers={**ABSENT, **found.answers}))
    assert verdict.text == "I"


ABSENT = {name: Truth.NO for name in load_ruleset("eln2022").inputs if name not in {"kmt2a_r", "TP53_at_threshold"}} | {
    "TP53": Truth.NO
}


@pytest.mark.parametrize(
    ("recorded", "text"),
    [pytest.param(True, "-", id="yes"), pytest.param(False, "F", id="no"), pytest.param(None, "F", id="not-recorded")],
)
def test_pretreatment_with_hypomethylating_agents_ends_the_less_intensive_guideline(
    recorded: bool | None, text: str
) -> None:
    genes = [variant(name) for name in ("NRAS", "KRAS", "TP53", "DDX41", "IDH1")]
    covered = [replace(marker, finding=None) for marker in genes]
    records = patient(
        (NPM1, seen(NPM1, "D", 0.4)),
        (ITD, missed(ITD, "D")),
        *((marker, missed(marker, "D")) for marker in covered),
        hma_pretreated=recorded,
    )
    assert risk_verdict(load_ruleset("eln2024li"), records, build_axis(records)).text == text


# --- which samples ----------------------------------------------------------------------------------------------------


def judged(records: PatientRecords, at: str = "") -> tuple[str, str]:
    verdict = risk_verdict(load_ruleset("eln2022"), records, build_axis(records), at=at)
    return verdict.sample, verdict.guideline_note


BOTH = (sample("R", 90, "relapse"), sample("D", 0, "diagnosis"))


def test_diagnosis_samples_are_judged() -> None:
    name, note = judged(patient((NPM1, seen(NPM1, "R", 0.4)), samples=BOTH))
    assert name == "D"
    assert "guideline was made for diagnosis" not in note


def test_a_relapse_sample_is_judged_on_request_and_says_so() -> None:
    name, note = judged(patient((NPM1, seen(NPM1, "R", 0.4)), samples=BOTH), at="R")
    assert name == "R"
    assert "The guideline was made for diagnosis, not for a sample of relapse." in note


def test_without_phases_the_first_sample_is_taken_and_named() -> None:
    name, note = judged(patient(samples=(sample("B", 30), sample("A", 0))))
    assert name == "A"
    assert "No sample has a phase; the first one ('A') is taken as the diagnosis." in note


def test_without_a_diagnosis_sample_nothing_is_known() -> None:
    name, note = judged(patient((NPM1, seen(NPM1, "R", 0.4)), samples=(sample("R", 90, "relapse"),)))
    assert name == ""
    assert "No sample has the phase diagnosis." in note


def test_a_sample_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownError, match=r"patient P has no sample 'X' \(D, R\)"):
        judged(patient(samples=BOTH), at="X")


# --- laws -------------------------------------------------------------------------------------------------------------


def test_order_repetition_and_an_unrelated_marker_change_nothing() -> None:
    tp53 = variant("TP53", "p.Arg175His")
    pairs = [
        (NPM1, seen(NPM1, "D", 0.4)),
        (NPM1, seen(NPM1, "D", 0.4, assay="second panel", printed="40.0 %")),
        (ITD, seen(ITD, "D", 0.45, technique=Technique.FRAGMENT_ANALYSIS, quantity="allelic_ratio", assay="fragment")),
        (ITD, seen(ITD, "D", 0.2, quantity="allelic_ratio", flags=("ar_from_ngs",))),
        (tp53, seen(tp53, "D", 0.12)),
        (tp53, seen(tp53, "D", 0.12, assay="second panel", printed="12.0 %")),
        (CBF, missed(CBF, "D")),
        (LOSS, seen(LOSS, "D", 0.09, technique=Technique.FISH, flags=("cutoff_unknown",))),
    ]
    records = patient(*pairs)
    phf6 = variant("PHF6", "p.Arg274*")
    more = patient(*pairs, (phf6, seen(phf6, "D", 0.3)))
    for name in ("eln2017", "eln2022", "eln2024li"):
        rules = load_ruleset(name)
        verdict = risk_verdict(rules, records, build_axis(records))
        assert risk_verdict(rules, turned(records), build_axis(records)) == verdict
        assert risk_verdict(rules, more, build_axis(more)) == verdict


def test_one_partner_that_is_not_there_does_not_exclude_the_others() -> None:
    """KMT2A::AFF1 not detected says nothing of KMT2A with another partner."""
    marker = Marker("KMT2A::AFF1", MarkerKind.FUSION, "KMT2A::AFF1", ("KMT2A", "AFF1"), ("t_v_11q23_other",))
    assert read((marker, missed(marker, "D"))).answer("t_v_11q23_other") is Truth.UNKNOWN
