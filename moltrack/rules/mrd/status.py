"""The MRD status of one target by one method in one sample: its predicates, put together by the rows of a guideline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from moltrack.errors import RuleError
from moltrack.model import Truth, Verdict
from moltrack.rules.engine import Row
from moltrack.rules.inputs import Inputs, kleene, with_derived
from moltrack.rules.judging import evaluate
from moltrack.rules.mrd.assay import Reading, read_panel, read_point, uninformative
from moltrack.rules.mrd.inputs import AFTER_CYCLE_2, MrdInputs
from moltrack.rules.mrd.predicates import POSSIBLE_TIMES, answers_of, course_of
from moltrack.rules.mrd.relapse import Relapse
from moltrack.rules.predicates import test_for
from moltrack.rules.ruleset import RuleSet, load_ruleset


def mrd_status(inputs: MrdInputs, guideline: str | Path | RuleSet = "eln2021", *, sample: str = "") -> Verdict:
    """The status of a target by a method.

    Returns
    -------
    Verdict
        ``negative``, ``low_level``, ``below_threshold``, ``positive``, ``not_assessable``, ``MRD relapse, confirmed`` ... by the ELN of 2021;
        ``optimal``, ``warning``, ``high risk``, ``MRD relapse`` ... by the recommendations of 2025. Level and limit stand in ``reason``. Without
        morphologic remission, or where the table has no row, there is no status (``applicable`` False) and the level alone is said. ``rules``
        holds the rows about this target, method, tissue and time.
    """
    rules = guideline if isinstance(guideline, RuleSet) else load_ruleset(guideline, "mrd")
    reading, excluded = _read(inputs, rules)
    course = course_of(inputs, reading, rules)
    answers = answers_of(inputs, reading, course)
    verdict = evaluate(rules, answers, sample or inputs.point.sample, rows=_rows_of(rules, answers))
    source = f" ({inputs.remission_source})" if inputs.remission_source else ""
    if inputs.remission is None:
        verdict = replace(
            verdict, category=None, possible=(), applicable=False, basis="", rules=(), flags=(), guideline_note=""
        )
        said = [f"no MRD status: remission is not established by the data{source}"]
        deciding: tuple[str, ...] = ("response (CR, CRh or CRi) at this sample",)
    else:
        held = _held(verdict, rules)
        said = [
            verdict.reason + (source if inputs.remission is False else ""),
            *_reasons(verdict, held, reading, course),
        ]
        deciding = verdict.deciding or _deciding(verdict, held, reading)
        if verdict.applicable and not inputs.point.time and not verdict.category and _time_decides(rules, answers):
            said.append("the time point (phase) of the sample is not known")
            deciding = tuple(dict.fromkeys((*deciding, test_for(AFTER_CYCLE_2))))
    flags = (
        *reading.flags,
        *verdict.flags,
        *(course.flags if verdict.applicable and reading.detected is not None else ()),
    )
    if rules.development:
        flags += ("development_version",)
    verdict = replace(
        verdict,
        target=inputs.label or str(inputs.target),
        method=str(inputs.method),
        tissue=str(inputs.point.tissue),
        reason="; ".join(dict.fromkeys(part for part in (reading.words, *said, *excluded) if part)),
        deciding=deciding,
        flags=tuple(dict.fromkeys(flags)),
    )
    return replace(verdict, title=f"{rules.title}: {verdict.about}", as_observed=verdict.text)


def mrd_statuses(
    inputs: Iterable[MrdInputs], guideline: str | Path | RuleSet = "eln2021", *, sample: str = ""
) -> tuple[Verdict, ...]:
    """The status of each target and method of one sample: listed, never averaged; disagreement is flagged on each."""
    verdicts = [mrd_status(item, guideline, sample=sample) for item in inputs]
    clear = [verdict.category in {"negative", "optimal"} for verdict in verdicts if _speaks(verdict)]
    if len(set(clear)) < 2:
        return tuple(verdicts)
    return tuple(replace(v, flags=(*v.flags, "discordant")) if _speaks(v) else v for v in verdicts)


def _time_decides(rules: RuleSet, answers: Inputs) -> bool:
    """Whether the status differs between the time points that a sample of unknown phase may be of."""
    known = with_derived(answers, rules.levels, rules.thresholds).answers
    outcomes = set()
    for time in POSSIBLE_TIMES:
        at = {name: Truth.YES if name == time else Truth.NO for name in POSSIBLE_TIMES}
        try:
            outcomes.add(rules.table.outcome({**known, **at}).text)
        except RuleError:  # the guideline has no row for this time
            continue
    return len(outcomes) > 1


def _speaks(verdict: Verdict) -> bool:
    return verdict.category not in {None, "not_assessable"}


def _read(inputs: MrdInputs, rules: RuleSet) -> tuple[Reading, tuple[str, ...]]:
    if inputs.genes:
        return read_panel(inputs.genes, rules, after_hct=inputs.after_hct)
    reading = read_point(inputs.point, inputs.target, inputs.method, rules)
    if reading.detected is False and inputs.carried is False:
        return uninformative(), ()
    if reading.detected is False and inputs.carried is None:
        reading = replace(reading, flags=(*reading.flags, "target_never_detected"))
        return reading, (
            "the target was never detected in this patient, and no sample before treatment was tested for it",
        )
    return reading, ()


#: What a result shows, as against what it is of: target, method, tissue and time.
SHOWN = frozenset({"detected", "above_lod", "mrd_converted", "mrd_rose", "relapse_confirmed", "only_other_tissue"})


def _rows_of(rules: RuleSet, answers: Inputs) -> frozenset[str]:
    """The rows that are about this target, method, tissue and time, whatever the result shows."""
    of = {name: answer for name, answer in answers.answers.items() if name not in SHOWN}
    conditions = rules.table.conditions
    return frozenset(row.id for row in rules.table.rows if kleene(row.when, of, conditions) is not Truth.NO)


def _held(verdict: Verdict, rules: RuleSet) -> list[Row]:
    """The rows that hold whatever is unknown."""
    holding = {trace.id for trace in verdict.rules if trace.answer is Truth.YES}
    return [row for row in rules.table.rows if row.id in holding]


def _reasons(verdict: Verdict, held: Sequence[Row], reading: Reading, course: Relapse) -> list[str]:
    """Why this status: what the assay lacks, what the course shows, and the rows that hold."""
    if not verdict.applicable:
        return []
    if reading.detected is None:
        return [reading.reason]
    if reading.detected and reading.level is None and verdict.category is None:
        return ["detected without a level"]
    of_course = course.words or ("" if verdict.category else course.open_reason)
    return [of_course, *(_words(row, reading) for row in held)]


def _words(row: Row, reading: Reading) -> str:
    """What a row says of a result: of a miss only what its limit does not tell."""
    return row.title if reading.detected or row.basis == "convention" else row.note


def _deciding(verdict: Verdict, held: Sequence[Row], reading: Reading) -> tuple[str, ...]:
    """What would settle a status that its rows leave open, or would make the result assessable."""
    if not verdict.applicable:
        return ()
    if reading.detected is None:
        return reading.missing
    return tuple(dict.fromkeys(row.missing for row in held if row.missing))
