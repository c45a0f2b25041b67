"""Samples compared by germline-like alleles. VAFs near 50 % and 100 % stand for inherited alleles; 30 % is a tumour's own."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from moltrack.model import (
    Event,
    EventType,
    PatientInfo,
    PatientInput,
    Phase,
    PhaseKind,
    Run,
    RunRecords,
    SampleInfo,
    Technique,
    Time,
)
from moltrack.store.identity import compare, genotypes, within

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
