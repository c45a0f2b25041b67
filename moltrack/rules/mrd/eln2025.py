"""The response categories of 2025 as a table of cells: optimal, warning, high risk of treatment failure, MRD relapse.

**Source**: Cloos, Blood 2026;147:1147; cells from a development version (``references/rules/mrd_david2025dev.yaml``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from moltrack.model import Tissue
from moltrack.rules.guidelines import Guideline
from moltrack.rules.mrd.assay import Reading, percent
from moltrack.rules.mrd.inputs import MrdInputs, Target
from moltrack.rules.mrd.relapse import TOLERANCE, Relapse, Step, relapse
from moltrack.rules.mrd.table import Found, course_of

RELAPSE = "MRD relapse"


def judge(inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    """The category of a result that can be assessed, in remission."""
    rows = [cell for cell in rules.cells if inputs.target in cell["groups"] and inputs.method in cell["methods"]]
    timed = [cell for cell in rows if inputs.point.time in cell["times"]]
    if not timed:
        return Found(
            reason="the table has no cell for this method" if not rows else "the table has no cell for this time point",
            applies=False,
        )
    cell = next((cell for cell in timed if inputs.point.tissue in cell["tissues"]), None)
    if cell is None:
        listed = " or ".join(dict.fromkeys(tissue for item in timed for tissue in item["tissues"]))
        possible = _names(rules, *(band["category"] for item in timed for band in item["bands"]))
        return Found(
            possible=possible, reason=f"the table's cell is of {listed} only", deciding=(f"the target in {listed}",)
        )
    found = RULES[cell["rule"]](cell, inputs, reading, rules)
    flags = [*found.flags, *([cell["flag"]] if "flag" in cell else []), *_urgent(inputs, reading, rules)]
    return Found(
        found.category, found.possible, found.reason, found.deciding, tuple(dict.fromkeys(flags)), found.applies
    )


def _levels(cell: Mapping[str, Any], inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    course = _course(inputs, reading, rules)
    if reading.detected and reading.level is None:
        possible = _names(rules, *(band["category"] for band in cell["bands"]))
        return Found(possible=possible, reason="detected without a level", deciding=("level of the target",))
    band = _band(cell, reading)
    if band["category"] == RELAPSE:
        return _relapse_cell(cell, inputs, reading, rules, course)
    return Found(
        band["category"],
        reason=_band_words(cell, band) if reading.detected else "",
        flags=(*course.flags, *([band["flag"]] if "flag" in band else [])),
    )


def _relapse_cell(
    cell: Mapping[str, Any], inputs: MrdInputs, reading: Reading, rules: Guideline, course: Relapse
) -> Found:
    """From negative, or 1 log10 above the nadir of the same tissue in a patient who was never negative; else no cell."""
    if course.kind:
        if (
            inputs.target is Target.NPM1
            and (reading.level or 0.0) >= rules.thresholds["urgent"]
            and not course.confirmed
        ):
            return Found(
                RELAPSE,
                reason=f"{course.words}; needs no second sample at {percent(rules.thresholds['urgent'])} or more",
                flags=course.flags,
            )
        name = f"{RELAPSE}, {'confirmed' if course.confirmed else 'unconfirmed'}"
        deciding = () if course.confirmed else ("a second sample within 4 weeks",)
        return Found(name, reason=course.words, deciding=deciding, flags=course.flags)
    if "log10" in cell and (fall := _fall(inputs, reading)) is not None and fall >= cell["log10"] - TOLERANCE:
        return Found("warning", reason=f"{fall:.2f} log10 below diagnosis")
    why = course.open_reason or "never negative"
    return Found(
        possible=("warning", RELAPSE),
        reason=f"no cell: {why}",
        deciding=(f"an earlier sample of {inputs.point.tissue}",),
    )


def _reduction(cell: Mapping[str, Any], inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    reached, missed = (band["category"] for band in cell["bands"])
    possible = _names(rules, reached, missed)
    fall = _fall(inputs, reading)
    if fall is None:
        missing = (
            "level at diagnosis in the same tissue and assay" if inputs.baseline is None else "level of the target"
        )
        return Found(possible=possible, reason=f"needs the {missing}", deciding=(missing,))
    words = f"{'' if reading.detected else 'at least '}{fall:.2f} log10 below diagnosis"
    if fall >= cell["log10"] - TOLERANCE:
        return Found(reached, reason=words)
    if not reading.detected:
        return Found(possible=possible, reason=words, deciding=("a more sensitive assay",))
    return Found(missed, reason=words)


def _detection(cell: Mapping[str, Any], inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    below, above = (band["category"] for band in cell["bands"])
    at_most = reading.level is not None and reading.limit is not None and reading.level <= reading.limit
    if not reading.detected or at_most:
        return Found(below, reason="at or below the limit of detection")
    return Found(above, reason="above the limit of detection")


RULES = {"levels": _levels, "reduction": _reduction, "detection": _detection}


def _band(cell: Mapping[str, Any], reading: Reading) -> Mapping[str, Any]:
    """The first band whose upper end lies above the level; a miss is in the first."""
    bands: list[Mapping[str, Any]] = cell["bands"]
    if not reading.detected or reading.level is None:
        return bands[0]
    level = reading.level
    return next(band for band in bands if "below" not in band or level < band["below"])


def _band_words(cell: Mapping[str, Any], band: Mapping[str, Any]) -> str:
    if "below" in band:
        return f"below {percent(band['below'])}"
    return f"at least {percent(cell['bands'][-2]['below'])}"


def _fall(inputs: MrdInputs, reading: Reading) -> float | None:
    """log10(diagnosis / now); of a miss the least that it can be."""
    now = reading.level if reading.detected else reading.limit
    if not inputs.baseline or not now:
        return None
    return math.log10(inputs.baseline / now)


def _course(inputs: MrdInputs, now: Reading, rules: Guideline) -> Relapse:
    """Negative is what would be optimal in follow-up, positive what reaches the follow-up threshold of its tissue."""
    if _follow_up_cell(inputs, inputs.point.tissue, rules) is None:
        return Relapse()
    steps = []
    for point, item in course_of(inputs, now, rules):
        cell = _follow_up_cell(inputs, point.tissue, rules)
        if cell is None:
            continue
        category = _band(cell, item)["category"]
        steps.append(Step(point.tissue, point.day, category == "optimal", category == RELAPSE, item.level))
    limits = rules.thresholds
    return relapse(steps, log10=limits["relapse_log10"], confirmation_days=limits["confirmation_days"])


def _follow_up_cell(inputs: MrdInputs, tissue: Tissue, rules: Guideline) -> Mapping[str, Any] | None:
    for cell in rules.cells:
        same = inputs.target in cell["groups"] and inputs.method in cell["methods"] and tissue in cell["tissues"]
        if same and cell["bands"][-1]["category"] == RELAPSE:
            return cell
    return None


def _urgent(inputs: MrdInputs, reading: Reading, rules: Guideline) -> tuple[str, ...]:
    high = reading.level is not None and reading.level >= rules.thresholds["urgent"]
    return ("urgent",) if inputs.target is Target.NPM1 and inputs.point.tissue is Tissue.BM and high else ()


def _names(rules: Guideline, *categories: str) -> tuple[str, ...]:
    return tuple(name for name in rules.categories if name in categories)
