"""Samples compared by germline-like alleles. VAFs near 50 % and 100 % stand for inherited alleles; 30 % is a tumour's own."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from moltrack.model import (
    Breakpoint,
    Call,
    Event,
    EventType,
    Itd,
    PatientInfo,
    PatientInput,
    Phase,
    PhaseKind,
    Run,
    RunRecords,
    SampleInfo,
    SmallVariant,
    StructuralVariant,
    Technique,
    Time,
)
from moltrack.store.identity import between, common_markers, compare, genotypes, within
from moltrack.store.private import private_marker

PEOPLE = {"ann": 1, "bob": 2, "donor": 3}


def alleles(make, person, *, noise=0):
    """60 alleles of a person, of 100 that occur; a few noisy ones lie off the window."""
    chosen = random.Random(PEOPLE[person])
    positions = chosen.sample(range(1000, 1100), 60)
    calls = [make.call(vaf=chosen.choice(["48.0", "51.5", "99.2"]), pos=pos) for pos in positions]
    return [make.call(vaf="30.0", pos=call.finding.pos) for call in calls[:noise]] + calls[noise:]


def inputs(*samples, events=(), patient="P01"):
    """(name, calls) or (name, calls, SampleInfo fields)."""
    infos = tuple(SampleInfo(patient, name, **(more[0] if more else {})) for name, _, *more in samples)
    runs = tuple(
        RunRecords(Run(patient, name, "panel", technique=Technique.DNA_SEQUENCING), tuple(calls))
        for name, calls, *_ in samples
    )
    return PatientInput(PatientInfo(patient), infos, tuple(events), runs=runs)


def test_two_samples_of_one_person_agree(make):
    one, other = genotypes(inputs(("S1", alleles(make, "ann")), ("S2", alleles(make, "ann", noise=3))))
    found = compare(one, other)
    # 57 of Ann's 60 alleles lie in both; the 3 noisy ones are germline-like in one sample only.
    assert (found.shared, found.compared, found.verdict) == (57, 60, "same")


def test_two_persons_in_one_patient_are_remarked(make):
    [remark] = within(genotypes(inputs(("S1", alleles(make, "ann")), ("S2", alleles(make, "bob")))))
    assert remark.startswith("samples S1 and S2 of patient P01 share ")
    assert remark.endswith("they look like two persons. Is one of them swapped?")


@pytest.mark.parametrize(
    ("more", "events"),
    [
        pytest.param({"phase": Phase(PhaseKind.POST_HCT)}, (), id="phase"),
        pytest.param(
            {"time": Time.on("2022-03-01")},
            [Event(EventType.TRANSPLANT, "allo-HSCT", Time.on("2021-12"), patient="P01")],
            id="date",
        ),
    ],
)
def test_a_donors_genotype_after_transplant_is_expected(make, more, events):
    [remark] = within(
        genotypes(inputs(("S1", alleles(make, "ann")), ("S2", alleles(make, "donor"), more), events=events))
    )
    assert remark.endswith("expected after an allogeneic transplant (donor genotype).")


def test_after_an_autologous_transplant_it_is_not(make):
    events = [Event(EventType.TRANSPLANT, "autologous HSCT", Time.on("2021-12"), patient="P01")]
    samples = [("S1", alleles(make, "ann")), ("S2", alleles(make, "bob"), {"time": Time.on("2022-03-01")})]
    assert "swapped" in within(genotypes(inputs(*samples, events=events)))[0]


def test_few_alleles_give_no_answer(make):
    samples = genotypes(inputs(("S1", alleles(make, "ann")[:9]), ("S2", alleles(make, "bob"))))
    assert compare(*samples) is None


def test_doubtful_calls_are_left_out(make):
    doubtful = [replace(call, filters=("strand_bias",)) for call in alleles(make, "ann")]
    assert genotypes(inputs(("S1", doubtful))) == ()
    germline = [replace(call, filters=("germline",)) for call in alleles(make, "ann")]
    assert len(genotypes(inputs(("S1", germline)))[0].alleles) == 60


def test_a_swap_is_remarked_when_it_lands(store, make, derive):
    store.land(make.landing("P01", "S1", *alleles(make, "ann")), lambda _: derive(inputs()))
    landed = store.land(make.landing("P01", "S2", *alleles(make, "bob"), file="b.vcf"), lambda _: derive(inputs()))
    assert "Is one of them swapped?" in landed.messages[0]
    assert store.identity() == landed.messages


def test_one_person_under_two_names_is_remarked(store, make, derive):
    store.land(make.landing("P01", "S1", *alleles(make, "ann")), lambda _: derive(inputs()))
    store.land(make.landing("P02", "S1", *alleles(make, "ann", noise=2), file="b.vcf"), lambda _: derive(inputs()))
    store.land(make.landing("P03", "S1", *alleles(make, "bob"), file="c.vcf"), lambda _: derive(inputs()))
    [remark] = store.identity()
    assert remark.startswith("samples P01/S1 and P02/S1 share 58 of 60 germline-like alleles (97%)")
    assert store.identity("P02")[0].startswith("samples P02/S1 and P01/S1 share")
    assert store.identity("P03") == ()


# --- private markers --------------------------------------------------------------------------------------------------


def itd(length=33, pos=28034118, **more):
    return Call(Itd("FLT3", length, "GRCh38", "13", pos, "insertion"), 5, **more)


def deletion(pos, ref="ACGTA"):
    return Call(SmallVariant("GRCh38", "4", pos, ref, "A", gene="TET2"), 6)


JUNCTION = StructuralVariant("BND", "GRCh38", Breakpoint("8", 92017363, "-"), Breakpoint("21", 34859474, "+"))
INDEL = SmallVariant("GRCh38", "4", 105243611, "ACGTA", "A", gene="TET2")


@pytest.mark.parametrize(
    ("call", "marker"),
    [
        pytest.param(itd(), "FLT3-ITD of 33 bp at 13:28034118 GRCh38", id="itd"),
        pytest.param(Call(JUNCTION, 5), "junction 21:34859474/8:92017363 GRCh38", id="junction"),
        pytest.param(Call(INDEL, 5), "4:105243611 ACGTA>A GRCh38", id="deletion-of-4"),
        pytest.param(Call(replace(INDEL, gene=""), 5), "4:105243611 ACGTA>A GRCh38", id="gene-not-printed"),
        pytest.param(Call(Itd("FLT3", aggregate=True), 5), "", id="sum-of-clones"),
        pytest.param(Call(replace(JUNCTION, precise=False), 5), "", id="imprecise-junction"),
        pytest.param(Call(replace(INDEL, ref="ACG"), 5), "", id="deletion-of-2"),
        pytest.param(Call(replace(INDEL, ref="A", alt="C"), 5), "", id="substitution"),
        pytest.param(Call(replace(INDEL, population_af=0.01), 5), "", id="polymorphism"),
        pytest.param(Call(INDEL, 5, filters=("strand_bias",)), "", id="filtered"),
        pytest.param(Call(SmallVariant("GRCh38", "5", 171410539, "C", "CTCTG", gene="NPM1"), 5), "", id="NPM1-type-A"),
        pytest.param(Call(SmallVariant("GRCh38", "5", 171410539, "C", "CTCTG"), 5), "", id="NPM1-by-position"),
    ],
)
def test_what_is_private(call, marker):
    assert private_marker(call, Technique.DNA_SEQUENCING) == marker


def test_junctions_in_rna_are_everyones():
    assert private_marker(Call(JUNCTION, 5), Technique.RNA_SEQUENCING) == ""


def test_two_patients_with_several_private_markers_look_like_one_person():
    one = genotypes(inputs(("S1", [itd(), deletion(105243611)])))
    other = genotypes(inputs(("T1", [itd(), deletion(105243611), itd(21)]), patient="P02"))
    [remark] = between(one, other)
    assert remark == (
        "samples P01/S1 and P02/T1 share 2 private markers (4:105243611 ACGTA>A GRCh38, FLT3-ITD of 33 bp at 13:28034118 "
        "GRCh38): they look like one person's under two names, or one of them is swapped."
    )


def test_one_private_marker_may_be_chance():
    [remark] = between(genotypes(inputs(("S1", [itd()]))), genotypes(inputs(("S1", [itd()]), patient="P02")))
    assert remark == (
        "samples P01/S1 and P02/S1 share the private marker FLT3-ITD of 33 bp at 13:28034118 GRCh38: one person under two "
        "names, a swap, a contamination, or chance."
    )


@pytest.mark.parametrize("other", [itd(30), itd(pos=28034121)], ids=["length", "site"])
def test_another_itd_is_another_marker(other):
    assert between(genotypes(inputs(("S1", [itd()]))), genotypes(inputs(("S1", [other]), patient="P02"))) == ()


def test_what_a_third_patient_has_too_is_not_private():
    three = [genotypes(inputs(("S1", [itd()]), patient=name)) for name in ("P01", "P02", "P03")]
    assert between(three[0], three[1], common_markers(three[:2])) != ()
    assert between(three[0], three[1], common_markers(three)) == ()


def test_a_remission_without_the_private_markers_is_no_swap():
    samples = [("S1", [itd(), deletion(105243611)]), ("S2", []), ("S3", [itd(21)])]
    assert within(genotypes(inputs(*samples))) == ()


def test_a_relapse_that_keeps_one_private_marker_is_no_swap():
    samples = [("S1", [itd(), deletion(105243611)]), ("S2", [deletion(105243611), itd(21), deletion(105234000)])]
    assert within(genotypes(inputs(*samples))) == ()


OTHERS = [itd(21), deletion(105234000)]


def test_two_samples_with_nothing_but_different_private_markers_are_remarked():
    [remark] = within(genotypes(inputs(("S1", [itd(), deletion(105243611)]), ("S2", OTHERS))))
    assert remark == (
        "samples S1 and S2 of patient P01 share 0 of 4 private markers, and too few inherited alleles to compare: "
        "another clone, or is one of them swapped?"
    )


def test_inherited_alleles_overrule_private_markers(make):
    ann = alleles(make, "ann")
    assert within(genotypes(inputs(("S1", [*ann, itd(), deletion(105243611)]), ("S2", [*ann, *OTHERS])))) == ()


def test_after_transplant_other_private_markers_are_no_swap():
    after = ("S2", OTHERS, {"phase": Phase(PhaseKind.POST_HCT)})
    assert within(genotypes(inputs(("S1", [itd(), deletion(105243611)]), after))) == ()


def test_one_person_under_two_names_is_found_by_private_markers(store, make, derive):
    for number, patient in enumerate(("P01", "P02")):
        landing = make.landing(patient, "S1", itd(), deletion(105243611), file=f"{number}.vcf")
        store.land(landing, lambda _: derive(inputs()))
    [remark] = store.identity()
    assert remark.startswith("samples P01/S1 and P02/S1 share 2 private markers (")
    assert store.identity("P02")[0].startswith("samples P02/S1 and P01/S1 share 2 private markers (")
