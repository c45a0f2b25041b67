"""What response criteria ask of one assessment: values as named predicates, which the rows of a rule file put together.

**Units**: blasts and cellularity are fractions 0-1, neutrophils and platelets 10^9/L (1.0 x 10^9/L = 1,000/µL), times days.

**Source**: Döhner, Blood 2022;140:1345 and Blood 2017;129:424 (response criteria); rows in ``references/rules/response_*.yaml``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from moltrack.errors import InputError
from moltrack.model import Evidence, Truth, Verdict
from moltrack.rules.inputs import Inputs, Number, exactly, negated
from moltrack.rules.judging import evaluate
from moltrack.rules.ruleset import RuleSet, load_ruleset

#: Digits of a quotient that are compared: a fall from 60 % to 30 % is a fall by half.
DIGITS = 9

REMISSIONS = ("CR", "CRh", "CRi")

#: What an MRD status may be, as far as response criteria tell it apart.
MRD_STATUSES = ("negative", "low_level", "below_threshold", "positive")


@dataclass(frozen=True, slots=True)
class ResponseInputs:
    """What one assessment knows; None = not known, never "absent".

    Attributes
    ----------
    bm_blasts, pb_blasts, pretreatment_blasts
        Fraction of nucleated marrow cells, of leukocytes in blood, of marrow cells before treatment.
    anc, platelets
        10^9/L.
    marrow_done
        A marrow was taken; None = yes when ``bm_blasts`` is given.
    marrow_adequate
        The laboratory's word on the marrow; else it follows from spicules and cells counted, or from the cellularity of the biopsy.
    blood_blast_days
        Days on which blood showed blasts, this sample's included.
    earlier_remission
        CR, CRh or CRi was reached before and no relapse has been treated since.
    landmark, intensive_cycles
        The response landmark is reached: said so, or by the number of intensive cycles given.
    mrd, mrd_text
        Status of :func:`moltrack.rules.mrd.mrd_status` in this assessment ("" = not known), and level and limit in words.
    unsupported
        False when counts lean on transfusion or growth factor, which the guideline does not address: flagged.
    """

    bm_blasts: float | None = None
    pb_blasts: float | None = None
    anc: float | None = None
    platelets: float | None = None
    extramedullary: bool | None = None
    marrow_done: bool | None = None
    marrow_adequate: bool | None = None
    spicules: bool | None = None
    cells_counted: int | None = None
    cellularity: float | None = None
    pretreatment_blasts: float | None = None
    blood_blast_days: tuple[float, ...] = ()
    earlier_remission: bool = False
    landmark: bool = False
    intensive_cycles: int | None = None
    mrd: str = ""
    mrd_text: str = ""
    unsupported: bool | None = None
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("bm_blasts", "pb_blasts", "pretreatment_blasts", "cellularity"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InputError(f"{name} is {value:g}, which is no fraction from 0 to 1.", advice="Write 3 % as 0.03.")
        for name in ("anc", "platelets"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise InputError(f"{name} is {value:g}; a count cannot be negative.")

    @property
    def has_marrow(self) -> bool:
        return self.bm_blasts is not None if self.marrow_done is None else self.marrow_done


def response_status(
    inputs: ResponseInputs, guideline: str | Path | RuleSet = "eln2022", *, sample: str = ""
) -> Verdict:
    """The response category of one assessment.

    Returns
    -------
    Verdict
        A category only if it holds whatever the unknown values are; otherwise the possible ones, with the values that are missing in
        ``deciding``. ``as_observed`` takes marrow quality as good and circulating blasts and extramedullary disease as absent where nobody looked.
    """
    rules = guideline if isinstance(guideline, RuleSet) else load_ruleset(guideline, "response")
    verdict = evaluate(rules, answers_of(inputs, rules), sample)
    return replace(verdict, reason=_reason(inputs, verdict))


def answers_of(inputs: ResponseInputs, rules: RuleSet) -> Inputs:
    """The predicates and numbers that response guidelines read, with the observations behind each."""
    answers = {
        "marrow_assessed": _truth(inputs.has_marrow),
        "marrow_inadequate": negated(_truth(marrow_adequate(inputs, rules.thresholds))),
        "circulating_blasts": _truth(None if inputs.pb_blasts is None else inputs.pb_blasts > 0),
        "extramedullary_disease": _truth(inputs.extramedullary),
        "was_in_remission": _truth(inputs.earlier_remission),
        "landmark_reached": _truth(_at_landmark(inputs, rules.thresholds)),
        "counts_supported": _truth(inputs.unsupported is False),
        "mrd_known": _truth(bool(inputs.mrd)),
        # What nobody tested is not shown to be absent: a remission then keeps its name.
        **{f"mrd_{status}": _truth(inputs.mrd == status) for status in MRD_STATUSES},
    }
    of = inputs.evidence
    marrow = ("marrow_adequate", "spicules", "cells_counted", "cellularity")
    evidence = {
        **{name: of[name] for name in ("bm_blasts", "anc", "platelets") if of.get(name)},
        "circulating_blasts": of.get("pb_blasts", ()),
        "blood_blast_days": of.get("pb_blasts", ()),
        "extramedullary_disease": of.get("extramedullary", ()),
        "blast_decrease": (*of.get("bm_blasts", ()), *of.get("pretreatment_blasts", ())),
        "marrow_inadequate": tuple(item for name in marrow for item in of.get(name, ())),
    }
    return Inputs(answers, dict(_numbers(inputs)), evidence, missing=_missing(inputs))


def _numbers(inputs: ResponseInputs) -> Iterator[tuple[str, Number]]:
    if inputs.bm_blasts is not None:
        yield "bm_blasts", exactly(inputs.bm_blasts, _percent(inputs.bm_blasts))
    if inputs.anc is not None:
        yield "anc", exactly(inputs.anc, f"{inputs.anc:g} x 10^9/L")
    if inputs.platelets is not None:
        yield "platelets", exactly(inputs.platelets, f"{inputs.platelets:g} x 10^9/L")
    if inputs.pb_blasts is not None:
        yield "circulating_blasts", exactly(inputs.pb_blasts, _percent(inputs.pb_blasts))
    if inputs.blood_blast_days:
        span = max(inputs.blood_blast_days) - min(inputs.blood_blast_days)
        yield "blood_blast_days", Number(span, math.inf, f"{span:g} days so far")  # a later sample may still confirm
    if inputs.bm_blasts is not None and inputs.pretreatment_blasts:
        decrease = round(1 - inputs.bm_blasts / inputs.pretreatment_blasts, DIGITS)
        yield "blast_decrease", exactly(decrease, f"{_percent(inputs.pretreatment_blasts)} before treatment")


def _missing(inputs: ResponseInputs) -> dict[str, str]:
    """What would answer a predicate, where that depends on what is known already."""
    missing = {}
    if inputs.bm_blasts is None:
        missing["blast_decrease"] = "bone marrow blasts"
    if not inputs.has_marrow:
        missing["blood_blast_days"] = "a second blood sample at least 1 week later, or bone marrow blasts"
    if not inputs.pb_blasts:
        missing["blood_blast_days"] = "circulating blasts"
    return missing


def marrow_adequate(inputs: ResponseInputs, limits: Mapping[str, float]) -> bool | None:
    """Whether a marrow with few blasts is more than merely aplastic; None = nobody says.

    Spicules, and at least 200 cells in the aspirate or a cellularity of at least 10 % in the biopsy. Spicules that nobody mentions are taken to be
    there where 200 cells could be counted.
    """
    if inputs.marrow_adequate is not None:
        return inputs.marrow_adequate
    if inputs.cellularity is not None and inputs.cellularity >= limits["marrow_cellularity"]:
        return True
    if inputs.spicules is False:
        return False
    if inputs.cells_counted is not None:
        return inputs.cells_counted >= limits["marrow_cells"]
    return False if inputs.cellularity is not None else None


def _at_landmark(inputs: ResponseInputs, limits: Mapping[str, float]) -> bool:
    cycles = inputs.intensive_cycles
    return inputs.landmark or (cycles is not None and cycles >= limits["landmark_cycles"])


def _reason(inputs: ResponseInputs, verdict: Verdict) -> str:
    """What a reader should know of the category, as one sentence's worth."""
    if is_remission(verdict.category):
        shown = f" ({inputs.mrd_text})" if inputs.mrd_text else ""
        status = {"low_level": "at low level"}.get(inputs.mrd, inputs.mrd.replace("_", " "))
        return f"MRD {status}{shown}" if inputs.mrd else ""
    if verdict.category == "nonevaluable" and not inputs.has_marrow:
        return "no bone marrow was assessed"
    if verdict.convention:
        return "neutrophils below 0.5 and platelets below 50 x 10^9/L: the text does not separate CRi from MLFS"
    if inputs.pb_blasts and inputs.earlier_remission and "relapse" in verdict.possible and not verdict.category:
        return "relapse is not established by one sample with circulating blasts"
    return ""


def is_remission(category: str | None) -> bool:
    """True for CR, CRh and CRi, with or without MRD."""
    return category is not None and category.removesuffix(" without MRD") in REMISSIONS


def _truth(answer: bool | None) -> Truth:
    return Truth.UNKNOWN if answer is None else Truth.YES if answer else Truth.NO


def _percent(level: float) -> str:
    return f"{level * 100:.3g} %"
