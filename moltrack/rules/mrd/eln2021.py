"""ELN-MRD 2021: thresholds by method, low level, and MRD relapse.

**Source**: Heuser, Blood 2021;138:2753.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moltrack.model import Tissue
from moltrack.rules.guidelines import Guideline
from moltrack.rules.mrd.assay import Reading, percent
from moltrack.rules.mrd.inputs import FOLLOW_UP, PCR, POST_HCT, Method, MrdInputs, Target
from moltrack.rules.mrd.relapse import Relapse, Step, relapse
from moltrack.rules.mrd.table import Found, course_of


def judge(inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    """The status of a result that can be assessed, in remission."""
    if inputs.method is Method.MFC:
        return _flow(inputs, reading, rules)
    if inputs.method in PCR:
        return _pcr(inputs, reading, rules)
    return _sequencing(inputs, reading, rules)


def _flow(inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    if inputs.point.tissue is not Tissue.BM:
        return Found(reason="level only: flow MRD is assessed in bone marrow", applies=False)
    threshold = rules.thresholds["mfc_positive"]
    course = _course(inputs, reading, rules, threshold)
    if not reading.detected:
        return Found("negative", flags=course.flags)
    if reading.level is None:
        return Found(
            possible=("below_threshold", "positive"), reason="detected without a level", deciding=("level by flow",)
        )
    if reading.level < threshold:
        return Found("below_threshold", reason=f"below {percent(threshold)}", flags=course.flags)
    if course.kind:
        return _relapse(course)
    return Found("positive", reason=f"at least {percent(threshold)}")


def _sequencing(inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    threshold = rules.thresholds["ngs_positive"]
    if not reading.detected:
        if inputs.target is Target.FLT3_ITD:
            reason = "a signalling gene alone may be lost with its subclone"
            return Found("not_assessable", reason=reason, deciding=("another marker",))
        return Found("negative", reason="sequencing does not stand alone (D4)")
    if reading.level is None:
        return Found(possible=("below_threshold", "positive"), reason="detected without a level", deciding=("VAF",))
    if reading.level < threshold:
        return Found("below_threshold", reason=f"below {percent(threshold)} (provisional)")
    return Found("positive", reason=f"at least {percent(threshold)} (provisional)")


def _pcr(inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    cell = next((c for c in rules.cells if inputs.target in c["groups"] and inputs.point.time in c["times"]), None)
    if cell is None:
        known = any(inputs.target in c["groups"] for c in rules.cells)
        why = "no row for this time point" if known else f"PCR of {inputs.label or inputs.target} is no listed target"
        return Found(reason=f"level only: {why}", applies=False)
    if inputs.point.tissue not in cell["tissues"]:
        return _unlisted_tissue(cell, reading, rules)
    threshold = rules.thresholds["pcr_low_level"]
    course = _course(inputs, reading, rules, threshold)
    if not reading.detected:
        return Found("negative", flags=course.flags)
    if course.kind:
        return _relapse(course)
    if cell["low_level"] == "none":
        return Found("positive", reason="any detection is positive")
    if reading.level is None:
        return Found(possible=("low_level", "positive"), reason="detected without a level", deciding=("level by PCR",))
    if reading.level < threshold and cell["low_level"] == "undefined":
        return Found(possible=("low_level", "positive"), reason="low level is not defined after 2 cycles")
    status = "low_level" if reading.level < threshold else "positive"
    if _tissues_differ(inputs):
        possible = (status, "MRD relapse, unconfirmed")
        return Found(
            possible=possible, reason=course.open_reason, deciding=(f"an earlier sample of {inputs.point.tissue}",)
        )
    words = f"below {percent(threshold)} (MRD-LL)" if status == "low_level" else f"at least {percent(threshold)}"
    return Found(status, reason=words)


def _unlisted_tissue(cell: Mapping[str, Any], reading: Reading, rules: Guideline) -> Found:
    listed = " or ".join(cell["tissues"])
    if cell["elsewhere"] == "level only":
        return Found(reason=f"level only: this target is followed in {listed}", applies=False)
    high = reading.level is not None and reading.level >= rules.thresholds["pcr_low_level"]
    possible = (
        ("positive",)
        if high
        else ("low_level", "positive")
        if reading.detected
        else ("negative", "low_level", "positive")
    )
    return Found(
        possible=possible, reason=f"{listed} is the listed tissue at this time", deciding=(f"the target in {listed}",)
    )


def _tissues_differ(inputs: MrdInputs) -> bool:
    """In follow-up, with earlier samples of the other tissue only: whether the level rose cannot be told."""
    tissues = {point.tissue for point in inputs.earlier}
    return inputs.point.time in {FOLLOW_UP, POST_HCT} and bool(tissues) and inputs.point.tissue not in tissues


def _course(inputs: MrdInputs, now: Reading, rules: Guideline, threshold: float) -> Relapse:
    """By PCR any detection is positive; by flow one from 0.1 % on, and what lies below counts as negative."""
    flow = inputs.method is Method.MFC
    steps = []
    for point, item in course_of(inputs, now, rules):
        positive = bool(item.detected) and (not flow or (item.level or 0.0) >= threshold)
        low = not flow and item.level is not None and item.level < threshold
        steps.append(Step(point.tissue, point.day, not positive, positive, item.level, may_rise=low))
    limits = rules.thresholds
    return relapse(steps, log10=limits["relapse_log10"], confirmation_days=limits["confirmation_days"])


def _relapse(course: Relapse) -> Found:
    name = "MRD relapse, confirmed" if course.confirmed else "MRD relapse, unconfirmed"
    deciding = () if course.confirmed else ("a second sample within 4 weeks",)
    return Found(name, reason=course.words, deciding=deciding, flags=course.flags)
