"""The verdict of a rule set from the inputs of one patient, with its reasons."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from moltrack.errors import RuleError
from moltrack.model import PredicateTrace, RuleTrace, Truth, Verdict
from moltrack.rules.conditions import Condition, operator_of, parts_of
from moltrack.rules.engine import Outcome
from moltrack.rules.inputs import Inputs, kleene, with_derived
from moltrack.rules.predicates import question, test_for
from moltrack.rules.ruleset import FlagRule, RuleSet

ADULT = 18


def evaluate(
    ruleset: RuleSet, inputs: Inputs, sample: str = "", *, traces: bool = True, rows: Container[str] | None = None
) -> Verdict:
    """What a guideline says of one patient.

    Parameters
    ----------
    sample
        Printed on the verdict.
    traces
        False leaves out the tree of reasons, for cohorts.
    rows
        Ids of the rows whose reasons are given; None = all.

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
    inputs = with_derived(_with_reported(inputs, ruleset), ruleset.levels, ruleset.thresholds)
    for condition, reason in ruleset.not_applicable:
        if kleene(condition, inputs.answers, ruleset.table.conditions) is Truth.YES:
            return _verdict(ruleset, inputs, sample, None, reason=reason, traces=traces)
    outcome = ruleset.table.outcome(inputs.answers)
    return _verdict(ruleset, inputs, sample, outcome, traces=traces, rows=rows)


def _with_reported(inputs: Inputs, ruleset: RuleSet) -> Inputs:
    """What was only reported answers the predicates that the rule set names, where nothing else does."""
    named = {
        name: inputs.reported[name]
        for name in ruleset.reported
        if name in inputs.reported and inputs.answer(name) is Truth.UNKNOWN
    }
    return replace(inputs, answers={**inputs.answers, **named}) if named else inputs


def as_observed(ruleset: RuleSet, inputs: Inputs) -> dict[str, Truth]:
    """The answers with every untested lesion absent; what is open about a lesion that is present, and the therapy, stay unknown."""
    answers = dict(inputs.answers)
    for group in ruleset.table.joined:
        for name in group:
            if answers.get(name, Truth.UNKNOWN) is Truth.UNKNOWN and not _stays_open(ruleset, name, answers):
                answers[name] = Truth.NO
    return answers


def _stays_open(ruleset: RuleSet, name: str, answers: Mapping[str, Truth]) -> bool:
    host = ruleset.levels[name].of if name in ruleset.levels else ruleset.stays_open.get(name)
    if host is None:
        return False
    return host == "" or answers.get(host, Truth.UNKNOWN) is Truth.YES


def _verdict(
    ruleset: RuleSet,
    inputs: Inputs,
    sample: str,
    outcome: Outcome | None,
    *,
    reason: str = "",
    traces: bool,
    rows: Container[str] | None = None,
) -> Verdict:
    """``outcome`` None = the guideline does not apply, for ``reason``."""
    table = ruleset.table
    observed = ""
    tests: tuple[str, ...] = ()
    flags = _flags(ruleset, inputs) if outcome else []
    if outcome is not None:
        observed = table.outcome(as_observed(ruleset, inputs)).text
        if outcome.category is None and outcome.basis != "convention":
            tests = tuple(dict.fromkeys(_test(ruleset, name, inputs) for name in table.deciding(inputs.answers)))
    return Verdict(
        ruleset=ruleset.id,
        version=ruleset.version,
        title=ruleset.title,
        sample=sample,
        category=outcome.category if outcome else None,
        possible=outcome.possible if outcome else (),
        as_observed=observed,
        basis=outcome.basis if outcome else "",
        convention=outcome.convention if outcome else "",
        applicable=outcome is not None,
        reason=reason,
        deciding=tests,
        rules=tuple(_row_traces(ruleset, inputs, outcome, rows)) if traces and outcome else (),
        predicates=tuple(trace_of(ruleset, name, inputs) for name in ruleset.inputs) if traces else (),
        flags=(*(flag.id for flag in flags), *(("minor",) if outcome and is_minor(inputs) else ())),
        citation=ruleset.citation,
        overridden=ruleset.overridden,
        guideline_note=" ".join(_notes(ruleset, inputs, flags)) if outcome else "",
    )


def is_minor(inputs: Inputs) -> bool:
    """True when a guideline for adults is applied to a patient under 18."""
    return inputs.age is not None and inputs.age < ADULT


def _flags(ruleset: RuleSet, inputs: Inputs) -> list[FlagRule]:
    conditions = ruleset.table.conditions
    return [flag for flag in ruleset.flags if kleene(flag.when, inputs.answers, conditions) is Truth.YES]


def _notes(ruleset: RuleSet, inputs: Inputs, flags: Sequence[FlagRule]) -> list[str]:
    notes = [f"{flag.text[:1].upper()}{flag.text[1:]}." for flag in flags]
    if ruleset.note:
        notes.append(ruleset.note)
    if inputs.answer("t_15_17") is Truth.UNKNOWN and "t_15_17" in ruleset.inputs:
        notes.append("PML::RARA is taken as excluded by the diagnosis of AML other than acute promyelocytic leukaemia.")
    if inputs.answer("hma_pretreated") is Truth.UNKNOWN and "hma_pretreated" in ruleset.inputs:
        notes.append(
            "Whether hypomethylating agents were given before is not recorded; the guideline does not apply after them."
        )
    if is_minor(inputs):
        notes.append(f"Made for adults; the patient was {inputs.age:g} at diagnosis.")
    return notes


def _row_traces(
    ruleset: RuleSet, inputs: Inputs, outcome: Outcome, chosen: Container[str] | None = None
) -> list[RuleTrace]:
    traces = []
    for row in ruleset.table.rows:
        if chosen is not None and row.id not in chosen:
            continue
        answer = kleene(row.when, inputs.answers, ruleset.table.conditions)
        if row.residual and answer is Truth.YES and row.id not in outcome.rows:
            # It holds only where no other row does.
            answer = Truth.UNKNOWN if row.category in outcome.possible and outcome.category is None else Truth.NO
        traces.append(
            RuleTrace(
                id=row.id,
                title=row.title,
                category=row.category,
                answer=answer,
                citation=row.citation,
                basis=row.basis,
                parts=() if row.when == {"always": True} else (_condition_trace(row.when, inputs, ruleset),),
            )
        )
    return traces


def _condition_trace(condition: Condition, inputs: Inputs, ruleset: RuleSet) -> RuleTrace:
    rows = ruleset.table.conditions
    answer = kleene(condition, inputs.answers, rows)
    if isinstance(condition, str):
        trace = trace_of(ruleset, condition, inputs)
        return RuleTrace(condition, trace.question, "", answer, predicate=trace)
    operator = operator_of(condition)
    if operator == "row":
        title = next(row.title for row in ruleset.table.rows if row.id == condition["row"])
        return RuleTrace(condition["row"], title, "", answer, operator="row")
    parts = tuple(_condition_trace(part, inputs, ruleset) for part in parts_of(condition))
    words = {"any": "any of", "all": "all of", "not": "not", "always": "always"}
    title = words.get(operator, f"at least {condition[operator]} of")
    return RuleTrace("", title, "", answer, operator=operator, parts=parts)


def trace_of(ruleset: RuleSet, name: str, inputs: Inputs) -> PredicateTrace:
    """A predicate with its answer, value, evidence and, where it is unknown, the test that would answer it."""
    answer = inputs.answer(name)
    level = ruleset.levels.get(name)
    number = inputs.numbers.get(level.number if level else name)
    asked = level.question if level and level.question else question(name)
    if level:
        sign = ">" if level.above else "≥"
        asked += f" ({sign} {ruleset.thresholds[level.threshold]:g})"
    return PredicateTrace(
        name=name,
        question=asked,
        answer=answer,
        value=number.text if number else "",
        evidence=inputs.evidence.get(name, ()),
        missing=(_test(ruleset, name, inputs),) if answer is Truth.UNKNOWN else (),
        note=inputs.notes.get(name) or (inputs.notes.get(level.number, "") if level else ""),
    )


def _test(ruleset: RuleSet, name: str, inputs: Inputs) -> str:
    level = ruleset.levels.get(name)
    if level:
        return inputs.missing.get(level.number) or level.missing or test_for(name)
    return inputs.missing.get(name) or test_for(name)


def evaluate_many(ruleset: RuleSet, patients: Sequence[Inputs]) -> list[Verdict | str]:
    """Verdicts of a cohort without their trees; a sentence where a patient's inputs contradict each other."""
    found: list[Verdict | str] = []
    for inputs in patients:
        try:
            found.append(evaluate(ruleset, inputs, traces=False))
        except RuleError as error:
            found.append(error.message)
    return found
