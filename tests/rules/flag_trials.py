"""Flag rules tried on a patient made by hand, with the facts that analysis and the guideline for MRD give."""

from __future__ import annotations

from collections.abc import Sequence

from moltrack.analysis import build_axis, build_series
from moltrack.analysis.evolution import evolution
from moltrack.model import Flag, PatientRecords, Truth, Verdict
from moltrack.rules import flags_of, load_flags
from moltrack.rules.flags import FlagRules, Patient, tried


def flags(
    records: PatientRecords, name: str = "", *, mrd: Sequence[Verdict] = (), rules: FlagRules | None = None
) -> list[Flag]:
    """The flags of that id, or all."""
    axis = build_axis(records)
    facts = evolution(records, axis, build_series(records, axis))
    found = flags_of(records, axis, evolution=facts, mrd=mrd, rules=rules or load_flags())
    return [flag for flag in found if not name or flag.id == name]


def answer(records: PatientRecords, rule: str, *, mrd: Sequence[Verdict] = (), rules: FlagRules | None = None) -> Truth:
    """What a rule answers: YES when it does on anything it is tried on, UNKNOWN when something stays open, else NO."""
    axis = build_axis(records)
    patient = Patient(records, axis, evolution(records, axis, build_series(records, axis)), mrd)
    [one] = [item for item in (rules or load_flags()).rules if item.id == rule]
    answers = {trial.answer for trial in tried(one, patient)}
    return next((truth for truth in (Truth.YES, Truth.UNKNOWN) if truth in answers), Truth.NO)


def mrd_verdict(
    sample: str,
    category: str | None = "negative",
    *,
    possible: tuple[str, ...] = (),
    deciding: tuple[str, ...] = (),
    applicable: bool = True,
) -> Verdict:
    """A verdict of the guideline for MRD on NPM1 in one sample."""
    return Verdict(
        ruleset="mrd_eln2021",
        version="1",
        title="ELN-MRD 2021: NPM1 by qPCR, BM",
        target="NPM1",
        method="qPCR",
        tissue="BM",
        sample=sample,
        category=category,
        possible=possible,
        deciding=deciding,
        applicable=applicable,
        reason="rose by 1.2 log10",
    )
