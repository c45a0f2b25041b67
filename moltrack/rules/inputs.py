"""What a rule reads of a patient: three-valued answers and numbers by name, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from moltrack.model import Evidence, Truth

#: Questions for people, by input name; an input without one is a gene or a lesion asked for by its name.
QUESTIONS = {
    "t_8_21": "t(8;21)(q22;q22.1)/RUNX1::RUNX1T1",
    "inv16_t16_16": "inv(16)(p13.1q22) or t(16;16)(p13.1;q22)/CBFB::MYH11",
    "t_15_17": "t(15;17)(q24;q21)/PML::RARA",
    "t_9_11": "t(9;11)(p21.3;q23.3)/KMT2A::MLLT3",
    "t_v_11q23_other": "t(v;11q23.3)/KMT2A rearranged with another partner than MLLT3",
    "kmt2a_r": "KMT2A rearranged",
    "t_6_9": "t(6;9)(p23;q34.1)/DEK::NUP214",
    "t_9_22": "t(9;22)(q34.1;q11.2)/BCR::ABL1",
    "t_8_16": "t(8;16)(p11.2;p13.3)/KAT6A::CREBBP",
    "inv3_t3_3": "inv(3)(q21.3q26.2) or t(3;3)/GATA2, MECOM",
    "mecom_other": "t(3q26.2;v)/MECOM rearranged",
    "minus5_5q": "-5 or del(5q)",
    "minus7": "-7",
    "minus17_abn17p": "-17 or abn(17p)",
    "complex": "complex karyotype (3 or more unrelated abnormalities)",
    "monosomal": "monosomal karyotype",
    "hyperdiploid": "hyperdiploid karyotype with 3 or more trisomies and no structural abnormality",
    "FLT3_ITD": "FLT3-ITD",
    "FLT3_ITD_high": "FLT3-ITD of high allelic ratio",
    "FLT3_ITD_AR": "FLT3-ITD allelic ratio",
    "CEBPA_biallelic": "biallelic mutated CEBPA",
    "CEBPA_bZIP": "bZIP in-frame mutated CEBPA",
    "TP53_at_threshold": "TP53 mutated at or above the VAF threshold",
    "TP53_below_10": "TP53 mutated below a VAF of 10 %",
    "TP53_VAF": "TP53 variant allele fraction",
    "KMT2A_PTD": "KMT2A partial tandem duplication",
    "aza_ivo": "treated with azacitidine and ivosidenib",
    "hma_pretreated": "treated with hypomethylating agents before",
}

#: What a laboratory would have to do to answer an input, by name; genes share one sentence.
TESTS = {
    "t_8_21": "CBF fusions (RUNX1::RUNX1T1, CBFB::MYH11)",
    "inv16_t16_16": "CBF fusions (RUNX1::RUNX1T1, CBFB::MYH11)",
    "t_9_11": "KMT2A::MLLT3",
    "kmt2a_r": "KMT2A rearrangement",
    "t_v_11q23_other": "KMT2A rearrangement with its partner",
    "FLT3_ITD": "FLT3-ITD",
    "FLT3_ITD_high": "FLT3-ITD allelic ratio (fragment analysis)",
    "TP53_at_threshold": "TP53 mutation with its VAF",
    "complex": "karyotype (20 metaphases)",
    "monosomal": "karyotype (20 metaphases)",
    "hyperdiploid": "karyotype (20 metaphases)",
    "minus5_5q": "karyotype, FISH or array of 5q",
    "minus7": "karyotype, FISH or array of chromosome 7",
    "minus17_abn17p": "karyotype, FISH or array of 17p",
    "aza_ivo": "treatment (azacitidine with ivosidenib)",
    "CEBPA_biallelic": "CEBPA mutations",
    "CEBPA_bZIP": "CEBPA mutations",
}


def question(name: str) -> str:
    return QUESTIONS.get(name, f"{name} mutated" if name.isupper() or name[:1].isupper() else name)


def test_for(name: str) -> str:
    """The test that would answer an input."""
    if name in TESTS:
        return TESTS[name]
    if name[:1].isupper():
        return f"{name} mutation"
    return QUESTIONS.get(name, name)


test_for.__test__ = False  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Number:
    """A level that is known to lie in ``[low, high)``, or exactly when both are equal; ``text`` as shown."""

    low: float
    high: float
    text: str

    def at_least(self, threshold: float) -> Truth:
        """Whether the level reaches the threshold; UNKNOWN when the interval straddles it."""
        if self.low >= threshold:
            return Truth.YES
        if self.high < threshold or (self.low < self.high <= threshold):
            return Truth.NO
        return Truth.UNKNOWN


def exactly(level: float, text: str = "") -> Number:
    return Number(level, level, text or f"{level:g}")


@dataclass(frozen=True)
class Inputs:
    """Everything a rule set may read of one patient.

    ``answers`` by input name (absent = UNKNOWN); ``numbers`` by name (``TP53_VAF``, ``FLT3_ITD_AR``); ``evidence`` and ``notes`` by input
    name; ``reported`` holds conclusions without their finding, shown but not read unless a rule names them.
    """

    answers: Mapping[str, Truth] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    age: float | None = None

    def answer(self, name: str) -> Truth:
        return self.answers.get(name, Truth.UNKNOWN)


def with_derived(inputs: Inputs, thresholds: Mapping[str, float]) -> Inputs:
    """The inputs with the answers that follow from numbers and from one another.

    An ITD that is absent has no high ratio; a TP53 mutation that is absent reaches no threshold; KMT2A is rearranged when one of its
    rearrangements is present, and not when all are absent.
    """
    answers = dict(inputs.answers)
    evidence = dict(inputs.evidence)
    itd, ratio = inputs.answer("FLT3_ITD"), inputs.numbers.get("FLT3_ITD_AR")
    if "FLT3_ITD_high" not in answers:
        answers["FLT3_ITD_high"] = _reaches(itd, ratio, thresholds.get("itd_allelic_ratio", 0.5))
        evidence.setdefault("FLT3_ITD_high", evidence.get("FLT3_ITD_AR", evidence.get("FLT3_ITD", ())))
    tp53, vaf = inputs.answer("TP53"), inputs.numbers.get("TP53_VAF")
    threshold = thresholds.get("tp53_vaf", 0.10)
    answers.setdefault("TP53_at_threshold", _reaches(tp53, vaf, threshold))
    evidence.setdefault("TP53_at_threshold", evidence.get("TP53", ()))
    below = _reaches(tp53, vaf, 0.10)
    answers.setdefault(
        "TP53_below_10", {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(below, below) if tp53 is Truth.YES else Truth.NO
    )
    answers["kmt2a_r"] = either(
        inputs.answer("kmt2a_r"),
        inputs.answer("t_9_11"),
        inputs.answer("t_v_11q23_other"),
        inputs.answer("kmt2a_r_partner_unknown"),
    )
    return replace(inputs, answers=answers, evidence=evidence)


def _reaches(present: Truth, number: Number | None, threshold: float) -> Truth:
    if present is Truth.NO:
        return Truth.NO
    if number is None:
        return Truth.UNKNOWN
    reached = number.at_least(threshold)
    return reached if present is Truth.YES or reached is Truth.NO else Truth.UNKNOWN


def either(*answers: Truth) -> Truth:
    """Kleene's or. The first argument may be unknown without spoiling a NO when the others cover it."""
    if Truth.YES in answers:
        return Truth.YES
    return Truth.NO if answers and all(answer is Truth.NO for answer in answers[1:3]) else Truth.UNKNOWN


def kleene(condition: object, answers: Mapping[str, Truth], rows: Mapping[str, object]) -> Truth:
    """A condition over three-valued answers (Kleene's strong logic)."""
    from moltrack.rules.conditions import operator_of, parts_of

    if isinstance(condition, str):
        return answers.get(condition, Truth.UNKNOWN)
    assert isinstance(condition, Mapping)
    operator = operator_of(condition)
    parts = [kleene(part, answers, rows) for part in parts_of(condition)]
    if operator == "any":
        return _some(parts)
    if operator == "all":
        return negated(_some([negated(part) for part in parts]))
    if operator == "not":
        return negated(parts[0])
    if operator == "row":
        return kleene(rows[condition["row"]], answers, rows)
    if operator == "at_least":
        sure, possible = parts.count(Truth.YES), len(parts) - parts.count(Truth.NO)
        needed = condition["at_least"]
        return Truth.YES if sure >= needed else Truth.NO if possible < needed else Truth.UNKNOWN
    return Truth.YES


def _some(parts: Iterable[Truth]) -> Truth:
    found = list(parts)
    if Truth.YES in found:
        return Truth.YES
    return Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.NO


def negated(answer: Truth) -> Truth:
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(answer, answer)
