"""The verdict of a risk guideline from the inputs of one patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moltrack.errors import RuleError
from moltrack.model import PredicateTrace, RuleTrace, Truth, Verdict
from moltrack.rules.conditions import Condition, operator_of, parts_of
from moltrack.rules.inputs import Inputs, kleene, question, test_for, with_derived
from moltrack.rules.ruleset import RuleSet

#: Unknown inputs that say more of a lesion which is there: they stay unknown when untested lesions are taken as absent.
ATTRIBUTES = {
    "FLT3_ITD_high": "FLT3_ITD",
    "TP53_at_threshold": "TP53",
    "t_9_11": "kmt2a_r",
    "t_v_11q23_other": "kmt2a_r",
    "aza_ivo": "",
}

ADULT = 18


def evaluate(ruleset: RuleSet, inputs: Inputs, *, sample: str = "", traces: bool = True) -> Verdict:
    """What a guideline says of one patient.

    Parameters
    ----------
    traces
        False leaves out the tree of reasons, for cohorts.

    Returns
    -------
    Verdict
        A category only if it holds for every completion of what is unknown; otherwise the possible ones and the tests that would
        decide. ``as_observed`` takes every untested lesion as absent.

    Raises
    ------
    RuleError
        The inputs contradict each other (an FLT3-ITD that is absent and has a ratio).
    """
    inputs = with_derived(inputs, ruleset.thresholds)
    for condition, reason in ruleset.not_applicable:
        if kleene(condition, inputs.answers, ruleset.table.conditions) is Truth.YES:
            return _verdict(ruleset, inputs, sample, None, applicable=False, reason=reason, traces=traces)
    outcome = ruleset.table.outcome(inputs.answers)
    observed = ruleset.table.outcome(as_observed(ruleset, inputs))
    if observed.category is not None:
        shown = observed.category
    else:
        shown = (
            "NA{" + ",".join(observed.possible) + "}" + (f"; conv {observed.convention}" if observed.convention else "")
        )
    deciding: tuple[str, ...] = ()
    if outcome.category is None and not outcome.convention:
        names = ruleset.table.deciding(inputs.answers)
        deciding = tuple(dict.fromkeys(test_for(name) for name in names))
    return _verdict(
        ruleset,
        inputs,
        sample,
        outcome.category,
        possible=outcome.possible,
        as_observed=shown,
        basis=outcome.basis,
        convention=outcome.convention,
        deciding=deciding,
        traces=traces,
    )


def as_observed(ruleset: RuleSet, inputs: Inputs) -> dict[str, Truth]:
    """The answers with every untested lesion absent; what is open about a lesion that is present, and the therapy, stay unknown."""
    answers = dict(inputs.answers)
    for name in ruleset.table.atoms:
        if answers.get(name, Truth.UNKNOWN) is not Truth.UNKNOWN:
            continue
        if name in ATTRIBUTES:
            host = ATTRIBUTES[name]
            if not host or answers.get(host, Truth.UNKNOWN) is Truth.YES:
                continue
        answers[name] = Truth.NO
    if answers.get("kmt2a_r", Truth.UNKNOWN) is Truth.UNKNOWN:
        answers["kmt2a_r"] = Truth.NO
    return answers


def _verdict(
    ruleset: RuleSet,
    inputs: Inputs,
    sample: str,
    category: str | None,
    *,
    possible: tuple[str, ...] = (),
    as_observed: str = "",
    basis: str = "",
    convention: str = "",
    deciding: tuple[str, ...] = (),
    applicable: bool = True,
    reason: str = "",
    traces: bool = True,
) -> Verdict:
    flags = [
        flag.id
        for flag in ruleset.flags
        if applicable and kleene(flag.when, inputs.answers, ruleset.table.conditions) is Truth.YES
    ]
    if inputs.age is not None and inputs.age < ADULT:
        flags.append("minor")
    notes = []
    if applicable and inputs.answer("t_15_17") is Truth.UNKNOWN and "t_15_17" in ruleset.inputs:
        notes.append("PML::RARA is taken as excluded by the diagnosis of AML other than acute promyelocytic leukaemia.")
    if inputs.age is not None and inputs.age < ADULT:
        notes.append(f"Made for adults; the patient was {inputs.age:g} at diagnosis.")
    return Verdict(
        ruleset=ruleset.id,
        version=ruleset.version,
        title=ruleset.title,
        sample=sample,
        category=category,
        possible=possible,
        as_observed=as_observed,
        basis=basis,
        convention=convention,
        applicable=applicable,
        reason=reason,
        deciding=deciding,
        rules=tuple(_row_traces(ruleset, inputs)) if traces and applicable else (),
        predicates=tuple(trace_of(name, inputs) for name in ruleset.inputs) if traces else (),
        flags=tuple(flags),
        citation=ruleset.citation,
        overridden=ruleset.overridden,
        guideline_note=" ".join(notes),
    )


def _row_traces(ruleset: RuleSet, inputs: Inputs) -> list[RuleTrace]:
    rows = ruleset.table.conditions
    return [
        RuleTrace(
            id=row.id,
            title=row.title,
            category=row.category,
            answer=kleene(row.when, inputs.answers, rows),
            citation=row.citation,
            basis=row.basis,
            parts=(_condition_trace(row.when, inputs, rows),),
        )
        for row in ruleset.table.rows
        if not row.residual
    ]


def _condition_trace(condition: Condition, inputs: Inputs, rows: Mapping[str, Condition]) -> RuleTrace:
    answer = kleene(condition, inputs.answers, rows)
    if isinstance(condition, str):
        return RuleTrace(condition, question(condition), "", answer, predicate=trace_of(condition, inputs))
    operator = operator_of(condition)
    if operator == "row":
        return RuleTrace(condition["row"], f"row '{condition['row']}'", "", answer, operator="row")
    parts = tuple(_condition_trace(part, inputs, rows) for part in parts_of(condition))
    return RuleTrace("", operator.replace("_", " "), "", answer, operator=operator, parts=parts)


def trace_of(name: str, inputs: Inputs) -> PredicateTrace:
    """An input with its answer, value, evidence and, where it is unknown, the test that would answer it."""
    answer = inputs.answer(name)
    number = inputs.numbers.get(
        {"FLT3_ITD_high": "FLT3_ITD_AR", "TP53_at_threshold": "TP53_VAF", "TP53_below_10": "TP53_VAF"}.get(name, name)
    )
    return PredicateTrace(
        name=name,
        question=question(name),
        answer=answer,
        value=number.text if number else "",
        evidence=inputs.evidence.get(name, ()),
        missing=(test_for(name),) if answer is Truth.UNKNOWN else (),
        note=inputs.notes.get(name, ""),
    )


def evaluate_many(ruleset: RuleSet, patients: Sequence[Inputs]) -> list[Verdict | str]:
    """Verdicts of a cohort without their trees; a sentence where a patient's inputs contradict each other."""
    found: list[Verdict | str] = []
    for inputs in patients:
        try:
            found.append(evaluate(ruleset, inputs, traces=False))
        except RuleError as error:
            found.append(error.message)
    return found
