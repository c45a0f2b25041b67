"""Predicates of the patient: age, drugs, transplant."""

from __future__ import annotations

from moltrack.model import EventType
from moltrack.rules.flags.registry import NO, Found, Names, predicate, unknown, yes, yes_if
from moltrack.rules.flags.subjects import Patient
from moltrack.rules.therapy import drugs_of


@predicate("age")
def is_minor(on: Patient, adult_age: float) -> Found:
    """The patient was under age at diagnosis."""
    age = on.records.patient.age
    if age is None:
        return unknown("age at diagnosis")
    return yes(age=f"{age:g}") if age < adult_age else NO


@predicate()
def drug_is_given(on: Patient, drugs: Names) -> Found:
    """One of these drugs was given."""
    if drugs_begun(on, drugs):
        return yes()
    treatments = on.events(EventType.TREATMENT)
    unclear = [placed.event.name for placed in treatments if drugs_of(placed.event) is None]
    if treatments and not unclear:
        return NO
    return unknown(*(f"drugs of treatment {name}" for name in unclear), *(() if treatments else ("treatments",)))


def drugs_begun(patient: Patient, drugs: Names) -> list[tuple[float, str]]:
    """The place among the samples at which each drug was begun, with the name it was recorded by.

    ``drugs`` names classes (``FLT3 inhibitor``), or a class and what its drugs act on (``FLT3 inhibitor: type II``).
    """
    wanted = [name.partition(": ") for name in sorted(drugs)]
    return [
        (order, name)
        for drug, order, name in patient.drugs
        if any(drug.drug_class == its_class and target in drug.target for its_class, _, target in wanted)
    ]


@predicate()
def transplant_is_given(on: Patient) -> Found:
    """The patient has had cells of a donor."""
    if on.transplanted_from is None and not on.axis.events:
        return unknown("treatments")
    return yes_if(on.transplanted_from is not None)
