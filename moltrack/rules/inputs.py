"""What a rule reads of a patient: three-valued answers and numbers by name, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from moltrack.model import Evidence, Truth
from moltrack.rules.conditions import Condition
from moltrack.rules.predicates import Level, Number, exactly

__all__ = ["Inputs", "Number", "exactly", "kleene", "negated", "with_derived"]


#: The lesions that a KMT2A rearrangement may turn out to be.
KMT2A_PARTNERS = ("t_9_11", "t_v_11q23_other")


@dataclass(frozen=True)
class Inputs:
    """Everything a rule set may read of one patient.

    ``answers`` by predicate (absent = UNKNOWN); ``numbers`` by name (``TP53_VAF``, ``FLT3_ITD_AR``, ``bm_blasts`` ...; canonical units);
    ``evidence``, ``notes`` and ``missing`` (what would answer it) by predicate or number. ``reported`` holds conclusions without
    their finding, read only by a rule set that names them.
    """

    answers: Mapping[str, Truth] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    age: float | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    reported: Mapping[str, Truth] = field(default_factory=dict)

    def answer(self, name: str) -> Truth:
        return self.answers.get(name, Truth.UNKNOWN)


def with_derived(inputs: Inputs, levels: Mapping[str, Level], thresholds: Mapping[str, float]) -> Inputs:
    """The inputs with the answers that follow from numbers and from one another.

    A lesion that is absent has no level; KMT2A is rearranged when one of its rearrangements is present, and not when all are absent.
    """
    answers = dict(inputs.answers)
    evidence = dict(inputs.evidence)
    for name, level in levels.items():
        if name not in answers:
            answers[name] = _reaches(inputs, level, thresholds[level.threshold])
            if level.number in evidence or level.of in evidence:
                evidence.setdefault(name, evidence.get(level.number) or evidence.get(level.of, ()))
    if "kmt2a_r" not in answers:
        partners = [inputs.answer(name) for name in KMT2A_PARTNERS]
        if Truth.YES in partners or inputs.answer("kmt2a_r_partner_unknown") is Truth.YES:
            answers["kmt2a_r"] = Truth.YES
            if partners == [Truth.NO, Truth.NO]:
                # Neither was found as such, but one of them is what the break-apart probe showed.
                answers |= dict.fromkeys(KMT2A_PARTNERS, Truth.UNKNOWN)
        elif partners == [Truth.NO, Truth.NO]:
            answers["kmt2a_r"] = Truth.NO
    return replace(inputs, answers=answers, evidence=evidence)


def _reaches(inputs: Inputs, level: Level, threshold: float) -> Truth:
    present = inputs.answer(level.of) if level.of else Truth.YES
    number = inputs.numbers.get(level.number)
    if present is Truth.NO:
        return Truth.NO
    if number is None:
        return Truth.UNKNOWN
    reached = number.above(threshold) if level.above else number.at_least(threshold)
    return reached if present is Truth.YES or reached is Truth.NO else Truth.UNKNOWN


def kleene(condition: Condition, answers: Mapping[str, Truth], rows: Mapping[str, Condition]) -> Truth:
    """A condition over three-valued answers (Kleene's strong logic)."""
    if isinstance(condition, str):
        return answers.get(condition, Truth.UNKNOWN)
    if "any" in condition:
        return _first(Truth.YES, condition["any"], answers, rows)
    if "all" in condition:
        return _first(Truth.NO, condition["all"], answers, rows)
    if "not" in condition:
        return negated(kleene(condition["not"], answers, rows))
    if "row" in condition:
        return kleene(rows[condition["row"]], answers, rows)
    if "at_least" in condition:
        parts = [kleene(part, answers, rows) for part in condition["of"]]
        needed = condition["at_least"]
        if parts.count(Truth.YES) >= needed:
            return Truth.YES
        return Truth.NO if len(parts) - parts.count(Truth.NO) < needed else Truth.UNKNOWN
    return Truth.YES


def _first(
    settling: Truth, parts: Iterable[Condition], answers: Mapping[str, Truth], rows: Mapping[str, Condition]
) -> Truth:
    """The settling answer when a part gives it (YES for any, NO for all), UNKNOWN when one is unknown, else the opposite."""
    unknown = False
    for part in parts:
        answer = kleene(part, answers, rows)
        if answer is settling:
            return settling
        unknown = unknown or answer is Truth.UNKNOWN
    return Truth.UNKNOWN if unknown else negated(settling)


def negated(answer: Truth) -> Truth:
    if answer is Truth.UNKNOWN:
        return answer
    return Truth.NO if answer is Truth.YES else Truth.YES
