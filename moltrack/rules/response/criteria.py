"""The response categories of the ELN, decided over all completions of what is not known.

**Units**: blasts and cellularity are fractions 0-1, neutrophils and platelets 10^9/L (1.0 x 10^9/L = 1,000/µL), times days.

**Source**: Döhner, Blood 2022;140:1345 and Blood 2017;129:424 (response criteria); numbers in ``references/rules/response_*.yaml``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from moltrack.errors import InputError
from moltrack.model import Evidence, PredicateTrace, Truth, Verdict
from moltrack.rules.guidelines import Guideline, load_guideline

#: Rounding of quotients: a fall from 60 % to 30 % is a fall by half.
TOLERANCE = 1e-9

REMISSIONS = ("CR", "CRh", "CRi")


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


@dataclass(frozen=True, slots=True)
class Complete:
    """An assessment in which everything is known, as far as the criteria tell values apart.

    ``blasts`` is low (below 5 %), partial (5-25 %) or high; ``neutrophils`` and ``platelets`` none, partial or full recovery; ``blood`` none, once
    or confirmed circulating blasts.
    """

    blasts: str
    halved: bool
    neutrophils: str
    platelets: str
    blood: str
    extramedullary: bool
    adequate: bool


#: What would decide, by the part of :class:`Complete` that is open.
TESTS = {
    "blasts": "bone marrow blasts",
    "halved": "bone marrow blasts before treatment",
    "neutrophils": "neutrophils (ANC)",
    "platelets": "platelets",
    "blood": "circulating blasts",
    "extramedullary": "extramedullary disease",
    "adequate": "marrow quality (spicules, cells counted or cellularity)",
}


def response(inputs: ResponseInputs, guideline: str | Path | Guideline = "eln2022", *, sample: str = "") -> Verdict:
    """The response category of one assessment.

    Returns
    -------
    Verdict
        A category only if it holds whatever the unknown values are; otherwise the possible ones, with the values that are missing in
        ``deciding``. ``as_observed`` takes marrow quality as good and circulating blasts and extramedullary disease as absent where nobody looked.
    """
    rules = guideline if isinstance(guideline, Guideline) else load_guideline("response", guideline)
    outcome = _outcome(inputs, rules)
    observed = _outcome(_as_observed(inputs), rules)
    category, reason = outcome.category, outcome.reason
    flags: list[str] = []
    if category in REMISSIONS:
        category, flags, reason = _with_mrd(category, inputs, rules)
    if category in {"MLFS", "PR"} and _at_landmark(inputs, rules):
        flags.append("refractory_at_landmark")
        reason = f"{category}, but no CR, CRh or CRi at the response landmark: refractory disease by its definition"
    if inputs.unsupported is False:
        flags.append("counts_supported")
    verdict = Verdict(
        ruleset=rules.id,
        version=rules.version,
        title=rules.title,
        sample=sample,
        category=category,
        possible=outcome.possible,
        basis="stated" if category else "",
        convention=outcome.convention,
        reason=reason,
        deciding=outcome.deciding,
        predicates=_traces(inputs, rules),
        flags=tuple(flags),
        citation=rules.citation,
        overridden=rules.overridden,
    )
    seen = category or observed.category or observed.text
    return replace(verdict, as_observed=seen)


@dataclass(frozen=True, slots=True)
class _Outcome:
    category: str | None
    possible: tuple[str, ...] = ()
    convention: str = ""
    deciding: tuple[str, ...] = ()
    reason: str = ""

    @property
    def text(self) -> str:
        return "NA{" + ",".join(self.possible) + "}" + (f"; conv {self.convention}" if self.convention else "")


def _outcome(inputs: ResponseInputs, rules: Guideline) -> _Outcome:
    """The category over all completions of the inputs that the criteria still read."""
    cases = {case: _categories(case, inputs, rules) for case in completions(inputs, rules)}
    found = {name for names in cases.values() for name in names[:1]}
    # Two rows that hold together without a stated precedence: only where they were observed, not where a missing value allows them.
    silent = next((names for names in cases.values() if len(names) > 1), ())
    if silent and all(len(names) > 1 for names in cases.values()):
        possible = tuple(name for name in rules.categories if name in silent)
        reason = "neutrophils below 0.5 and platelets below 50 x 10^9/L: the text does not separate CRi from MLFS"
        return _Outcome(None, possible, convention=silent[0], reason=reason)
    if len(found) == 1:
        reason = "no bone marrow was assessed" if "nonevaluable" in found and not inputs.has_marrow else ""
        return _Outcome(found.pop(), reason=reason)
    possible = tuple(name for name in rules.categories if name in found)
    return _Outcome(None, possible, deciding=_deciding(cases, inputs), reason=_open_reason(inputs, possible))


def _categories(case: Complete, inputs: ResponseInputs, rules: Guideline) -> tuple[str, ...]:
    """The category of a complete assessment; two where the text does not separate them, the usual one first."""
    clear = case.blood == "none" and not case.extramedullary
    # Without a marrow, blood and other organs can still show a relapse.
    marrow = inputs.has_marrow or not rules.words["without_marrow"]
    if inputs.earlier_remission:
        disease_in_marrow = case.blasts != "low" and marrow
        if disease_in_marrow or case.extramedullary or case.blood == "confirmed":
            return ("relapse",)
    if not marrow:
        return (rules.words["without_marrow"],)
    if case.blasts == "low" and not case.adequate:
        return ("nonevaluable",)
    full = case.neutrophils == case.platelets == "full"
    if case.blasts == "low" and clear:
        if full:
            return ("CR",)
        if "CRh" in rules.categories and "none" not in {case.neutrophils, case.platelets}:
            return ("CRh",)
        if case.neutrophils == case.platelets == "none":
            return ("MLFS", "CRi")
        return ("CRi",)
    if case.blasts == "partial" and case.halved and full and clear:
        return ("PR",)
    return ("refractory",) if _at_landmark(inputs, rules) else (rules.words["no_response"],)


def completions(inputs: ResponseInputs, rules: Guideline) -> Iterator[Complete]:
    """Every complete assessment that the known values allow."""
    limits = rules.thresholds
    levels = [
        _blasts(inputs.bm_blasts, limits),
        _halved(inputs, limits),
        _recovery(inputs.anc, limits["partial_neutrophils"], limits["cr_neutrophils"]),
        _recovery(inputs.platelets, limits["partial_platelets"], limits["cr_platelets"]),
        _blood(inputs, limits),
        _either(inputs.extramedullary),
        _either(marrow_adequate(inputs, limits)),
    ]
    for values in itertools.product(*levels):
        yield Complete(*values)  # type: ignore[arg-type]  # product() mixes the types of its columns


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


def _blasts(level: float | None, limits: Mapping[str, float]) -> tuple[str, ...]:
    if level is None:
        return ("low", "partial", "high")
    if level < limits["blasts"]:
        return ("low",)
    return ("partial",) if limits["pr_blasts_from"] <= level <= limits["pr_blasts_to"] else ("high",)


def _halved(inputs: ResponseInputs, limits: Mapping[str, float]) -> tuple[bool, ...]:
    if inputs.bm_blasts is None or inputs.pretreatment_blasts is None:
        return (True, False)
    allowed = (1 - limits["pr_decrease"]) * inputs.pretreatment_blasts
    return (inputs.bm_blasts <= allowed + TOLERANCE,)


def _recovery(count: float | None, partial: float, full: float) -> tuple[str, ...]:
    if count is None:
        return ("none", "partial", "full")
    return ("full",) if count >= full else ("partial",) if count >= partial else ("none",)


def _blood(inputs: ResponseInputs, limits: Mapping[str, float]) -> tuple[str, ...]:
    """Circulating blasts; a second sample at least a week apart confirms them, one that is not there yet leaves it open."""
    if inputs.pb_blasts is None:
        return ("none", "once", "confirmed")
    if inputs.pb_blasts == 0:
        return ("none",)
    days = inputs.blood_blast_days
    if days and max(days) - min(days) >= limits["relapse_blood_days"]:
        return ("confirmed",)
    return ("once", "confirmed")


def _either(value: bool | None) -> tuple[bool, ...]:
    return (True, False) if value is None else (value,)


def _at_landmark(inputs: ResponseInputs, rules: Guideline) -> bool:
    cycles = inputs.intensive_cycles
    return inputs.landmark or (cycles is not None and cycles >= rules.thresholds["landmark_cycles"])


def _as_observed(inputs: ResponseInputs) -> ResponseInputs:
    return replace(
        inputs,
        pb_blasts=0.0 if inputs.pb_blasts is None else inputs.pb_blasts,
        extramedullary=bool(inputs.extramedullary),
        marrow_adequate=True
        if inputs.marrow_adequate is None and inputs.cells_counted is None and inputs.cellularity is None
        else inputs.marrow_adequate,
    )


def _deciding(cases: Mapping[Complete, Sequence[str]], inputs: ResponseInputs) -> tuple[str, ...]:
    """Values of which two completions that differ in nothing else have different categories."""
    names = []
    for part in fields(Complete):
        by_rest: dict[Complete, set[str]] = {}
        for case, found in cases.items():
            blank: Complete = replace(case, **{part.name: ""})  # type: ignore[arg-type]
            by_rest.setdefault(blank, set()).add(found[0])
        if any(len(found) > 1 for found in by_rest.values()):
            names.append(_test(part.name, inputs))
    return tuple(names)


def _test(part: str, inputs: ResponseInputs) -> str:
    if part == "blood" and inputs.pb_blasts:
        second = "a second blood sample at least 1 week later"
        return second if inputs.has_marrow else f"{second}, or bone marrow blasts"
    return TESTS[part]


def _open_reason(inputs: ResponseInputs, possible: Sequence[str]) -> str:
    if inputs.pb_blasts and inputs.earlier_remission and "relapse" in possible:
        return "relapse is not established by one sample with circulating blasts"
    return ""


def _with_mrd(category: str, inputs: ResponseInputs, rules: Guideline) -> tuple[str, list[str], str]:
    """A remission with what is known of MRD: ``CR without MRD``, or CR with a flag that says why not."""
    shown = f" ({inputs.mrd_text})" if inputs.mrd_text else ""
    if not inputs.mrd:
        return category, ["mrd_unknown"], "MRD unknown"
    low = ["MRD-LL"] if inputs.mrd == "low_level" else []
    if category in rules.lists["without_mrd"] and inputs.mrd in rules.lists["mrd_counts_as_without"]:
        words = "MRD at low level" if low else f"MRD {inputs.mrd.replace('_', ' ')}"
        return f"{category} without MRD", low, f"{words}{shown}"
    detectable = inputs.mrd in {"low_level", "below_threshold", "positive"}
    words = f"MRD {inputs.mrd.replace('_', ' ')}{shown}"
    return category, [*low, "mrd_detectable"] if detectable else [], words


def _traces(inputs: ResponseInputs, rules: Guideline) -> tuple[PredicateTrace, ...]:
    """Each criterion with its answer, value and evidence."""
    limits = rules.thresholds

    def truth(answer: bool | None) -> Truth:
        return Truth.UNKNOWN if answer is None else Truth.YES if answer else Truth.NO

    def below(value: float | None, limit: float) -> bool | None:
        return None if value is None else value < limit

    def percent(value: float | None) -> str:
        return "" if value is None else f"{value * 100:.3g} %"

    def count(value: float | None) -> str:
        return "" if value is None else f"{value:g} x 10^9/L"

    asked = [
        ("bm_blasts", "blasts", "bone marrow blasts below 5 %?", below(inputs.bm_blasts, limits["blasts"]), percent(inputs.bm_blasts)),
        ("pb_blasts", "blood", "circulating blasts?", None if inputs.pb_blasts is None else inputs.pb_blasts > 0, percent(inputs.pb_blasts)),
        ("extramedullary", "extramedullary", "extramedullary disease?", inputs.extramedullary, ""),
        ("anc", "neutrophils", f"neutrophils at least {limits['cr_neutrophils']:g} x 10^9/L?", _at_least(inputs.anc, limits["cr_neutrophils"]), count(inputs.anc)),
        ("platelets", "platelets", f"platelets at least {limits['cr_platelets']:g} x 10^9/L?", _at_least(inputs.platelets, limits["cr_platelets"]), count(inputs.platelets)),
        ("marrow_adequate", "adequate", "marrow adequate?", marrow_adequate(inputs, limits), ""),
        ("pretreatment_blasts", "halved", "marrow blasts at most half of those before treatment?", _only(_halved(inputs, limits)), percent(inputs.pretreatment_blasts)),
    ]  # fmt: skip
    return tuple(
        PredicateTrace(
            name,
            question,
            truth(answer),
            value,
            inputs.evidence.get(name, ()),
            (TESTS[part],) if answer is None else (),
        )
        for name, part, question, answer, value in asked
    )


def _at_least(value: float | None, limit: float) -> bool | None:
    return None if value is None else value >= limit


def _only(values: Sequence[bool]) -> bool | None:
    return values[0] if len(values) == 1 else None
