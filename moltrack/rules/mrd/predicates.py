"""What MRD guidelines ask of one result: named predicates and numbers, which the rows of a rule file put together."""

from __future__ import annotations

import math
from collections.abc import Iterator

from moltrack.model import Tissue, Truth
from moltrack.rules.inputs import Inputs, Number, exactly
from moltrack.rules.mrd.assay import Reading, read_point
from moltrack.rules.mrd.inputs import (
    AFTER_CYCLE_2,
    END_OF_TREATMENT,
    FOLLOW_UP,
    PCR,
    POST_HCT,
    PRE_HCT,
    Method,
    MrdInputs,
    MrdPoint,
    Target,
)
from moltrack.rules.mrd.relapse import Relapse, Step, relapse
from moltrack.rules.ruleset import CourseRule, RuleSet

#: Time points that guidelines tell apart; of a sample whose phase is not known it may be each of the first three.
TIMES = (AFTER_CYCLE_2, END_OF_TREATMENT, FOLLOW_UP, PRE_HCT, POST_HCT)
POSSIBLE_TIMES = TIMES[:3]

TARGETS = {
    Target.NPM1: "target_npm1",
    Target.CBF: "target_cbf",
    Target.PML_RARA: "target_pml_rara",
    Target.KMT2A: "target_kmt2a",
    Target.FLT3_ITD: "target_flt3_itd",
}

#: Digits of a logarithm that are compared: from 0.03 % to 0.3 % is 1 log10.
DIGITS = 9


def answers_of(inputs: MrdInputs, reading: Reading, course: Relapse) -> Inputs:
    """The predicates and numbers that MRD guidelines read of a result in remission."""
    point = inputs.point
    told: dict[str, bool | None] = {
        "in_remission": inputs.remission,
        "result_assessable": reading.detected is not None,
        "detected": reading.detected,
        "above_lod": _above_lod(reading),
        **{name: inputs.target is target for target, name in TARGETS.items()},
        "target_t_8_21": "t_8_21" in inputs.lesions,
        "by_pcr": inputs.method in PCR,
        "by_flow": inputs.method is Method.MFC,
        "by_sequencing": inputs.method not in PCR and inputs.method is not Method.MFC,
        "in_marrow": point.tissue is Tissue.BM,
        "in_blood": point.tissue is Tissue.PB,
        **{name: _is_at(point, name) for name in TIMES},
        "at_other_time": bool(point.time) and point.time not in TIMES,
        "after_transplant": inputs.after_hct or point.time == POST_HCT,
        "mrd_converted": course.kind == "conversion",
        "mrd_rose": course.kind == "rise",
        "relapse_confirmed": course.confirmed,
        "only_other_tissue": bool(inputs.earlier) and all(item.tissue is not point.tissue for item in inputs.earlier),
    }
    answers = {
        name: Truth.UNKNOWN if answer is None else Truth.YES if answer else Truth.NO for name, answer in told.items()
    }
    fall = "level of the target" if inputs.baseline is not None else "level at diagnosis in the same tissue and assay"
    notes = {"result_assessable": reading.reason, "in_remission": inputs.remission_source}
    if course.words:
        notes |= {"mrd_converted": course.words, "mrd_rose": course.words}
    return Inputs(
        answers, dict(_numbers(inputs, reading)), {"detected": inputs.evidence}, notes, missing=_missing(fall, reading)
    )


def _is_at(point: MrdPoint, name: str) -> bool | None:
    if point.time:
        return point.time == name
    return None if name in POSSIBLE_TIMES else False


def _above_lod(reading: Reading) -> bool | None:
    at_most = reading.level is not None and reading.limit is not None and reading.level <= reading.limit
    return None if reading.detected is None else bool(reading.detected and not at_most)


def _numbers(inputs: MrdInputs, reading: Reading) -> Iterator[tuple[str, Number]]:
    yield "detected", exactly(float(bool(reading.detected)), reading.words or reading.reason)
    if reading.detected and reading.level is not None:
        yield "mrd_level", exactly(reading.level, reading.words)
    now = reading.level if reading.detected else reading.limit
    if inputs.baseline and now:
        fall = round(math.log10(inputs.baseline / now), DIGITS)
        # Of a miss the least that the fall can be.
        least = "" if reading.detected else "at least "
        yield "log10_reduction", Number(fall, fall if reading.detected else math.inf, f"{least}{fall:.2f} log10")


def _missing(fall: str, reading: Reading) -> dict[str, str]:
    missing = {"log10_reduction": fall if reading.detected or "diagnosis" in fall else "a more sensitive assay"}
    if reading.missing:
        missing |= dict.fromkeys(("detected", "result_assessable"), reading.missing[0])
    return missing


def course_of(inputs: MrdInputs, now: Reading, rules: RuleSet) -> Relapse:
    """What the results of the target in this remission say of relapse, read as the guideline reads a course."""
    if now.detected is None or _course_rule(inputs, inputs.point.tissue, rules) is None:
        return Relapse()
    steps = []
    for point in (*inputs.earlier, inputs.point):
        reading = now if point is inputs.point else read_point(point, inputs.target, inputs.method, rules)
        rule = _course_rule(inputs, point.tissue, rules)
        if rule is not None and reading.detected is not None:
            steps.append(_step(point, reading, rule, rules))
    limits = rules.thresholds
    return relapse(steps, log10=limits["relapse_log10"], confirmation_days=limits["confirmation_days"])


def _course_rule(inputs: MrdInputs, tissue: Tissue, rules: RuleSet) -> CourseRule | None:
    asked = (inputs.target, inputs.method, tissue)
    for rule in rules.courses:
        named = (rule.targets, rule.methods, rule.tissues)
        if all(not names or value in names for value, names in zip(asked, named, strict=True)):
            return rule
    return None


def _step(point: MrdPoint, reading: Reading, rule: CourseRule, rules: RuleSet) -> Step:
    level = reading.level
    limits = rules.thresholds
    seen = bool(reading.detected)
    negative = not seen or (bool(rule.negative_below) and (level or 0.0) < limits[rule.negative_below])
    positive = seen and (not rule.positive_from or (level or 0.0) >= limits[rule.positive_from])
    may_rise = not rule.rise_below or (level is not None and level < limits[rule.rise_below])
    return Step(point.tissue, point.day, negative, positive, level, may_rise)
