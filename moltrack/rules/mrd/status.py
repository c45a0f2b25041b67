"""The MRD status of one target by one method in one sample, by the ELN of 2021 or the response categories of 2025."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from moltrack.model import PredicateTrace, Truth, Verdict
from moltrack.rules.guidelines import Guideline, load_guideline
from moltrack.rules.mrd import eln2021, eln2025
from moltrack.rules.mrd.assay import Reading, read_panel, read_point
from moltrack.rules.mrd.inputs import AFTER_CYCLE_2, END_OF_TREATMENT, FOLLOW_UP, MrdInputs
from moltrack.rules.mrd.table import Found

Table = Callable[[MrdInputs, Reading, Guideline], Found]


def mrd_status(inputs: MrdInputs, guideline: str | Path | Guideline = "eln2021", *, sample: str = "") -> Verdict:
    """The status of a target by a method.

    Returns
    -------
    Verdict
        ``negative``, ``low_level``, ``below_threshold``, ``positive``, ``not_assessable``, ``MRD relapse, confirmed`` ... by the ELN of 2021;
        ``optimal``, ``warning``, ``high risk``, ``MRD relapse`` ... by the recommendations of 2025. Level and limit stand in ``reason``. Without
        morphologic remission, or where the table has no row, there is no status (``applicable`` False) and the level alone is said.
    """
    rules = guideline if isinstance(guideline, Guideline) else load_guideline("mrd", guideline)
    reading, excluded = _read(inputs, rules)
    found = _judge(inputs, reading, rules)
    reason = "; ".join(part for part in (reading.words, found.reason, *excluded) if part)
    flags = [*reading.flags, *found.flags]
    if rules.development:
        flags.append("development_version")
    verdict = Verdict(
        ruleset=rules.id,
        version=rules.version,
        title=f"{rules.title}: {inputs.label or inputs.target} by {inputs.method}, {inputs.point.tissue}",
        sample=sample or inputs.point.sample,
        category=found.category,
        possible=found.possible,
        basis="stated" if found.category else "",
        applicable=found.applies,
        reason=reason,
        deciding=found.deciding,
        predicates=_traces(inputs, reading),
        flags=tuple(dict.fromkeys(flags)),
        citation=rules.citation,
        overridden=rules.overridden,
    )
    return replace(verdict, as_observed=verdict.text)


def mrd_statuses(
    inputs: Iterable[MrdInputs], guideline: str | Path | Guideline = "eln2021", *, sample: str = ""
) -> tuple[Verdict, ...]:
    """The status of each target and method of one sample: listed, never averaged; disagreement is flagged on each."""
    verdicts = [mrd_status(item, guideline, sample=sample) for item in inputs]
    clear = [verdict.category in {"negative", "optimal"} for verdict in verdicts if _speaks(verdict)]
    if len(set(clear)) < 2:
        return tuple(verdicts)
    return tuple(replace(v, flags=(*v.flags, "discordant")) if _speaks(v) else v for v in verdicts)


def _speaks(verdict: Verdict) -> bool:
    return verdict.category not in {None, "not_assessable"}


def _read(inputs: MrdInputs, rules: Guideline) -> tuple[Reading, tuple[str, ...]]:
    if inputs.genes:
        return read_panel(inputs.genes, rules, after_hct=inputs.after_hct)
    return read_point(inputs.point, inputs.target, inputs.method, rules), ()


def _judge(inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    source = f" ({inputs.remission_source})" if inputs.remission_source else ""
    if inputs.remission is False:
        return Found(reason=f"level only: no morphologic remission{source}", applies=False)
    if inputs.remission is None:
        return Found(
            reason=f"no MRD status: remission is not established by the data{source}",
            deciding=("response (CR, CRh or CRi) at this sample",),
            applies=False,
        )
    if reading.detected is None:
        return Found("not_assessable", reason=reading.reason, deciding=reading.missing)
    table: Table = eln2025.judge if any("bands" in cell for cell in rules.cells) else eln2021.judge
    if inputs.point.time:
        return table(inputs, reading, rules)
    return _over_times(table, inputs, reading, rules)


def _over_times(table: Table, inputs: MrdInputs, reading: Reading, rules: Guideline) -> Found:
    """A sample whose time point is not known: what holds at each of those that the tables tell apart."""
    times = (AFTER_CYCLE_2, END_OF_TREATMENT, FOLLOW_UP)
    found = [table(replace(inputs, point=replace(inputs.point, time=time)), reading, rules) for time in times]
    judged = [item for item in found if item.applies]
    if not judged:
        return found[0]
    categories = {item.category for item in judged}
    if len(judged) == len(found) and len(categories) == 1 and None not in categories:
        return judged[-1]
    possible = dict.fromkeys(name for item in judged for name in ((item.category,) if item.category else item.possible))
    return Found(
        possible=tuple(name for name in rules.categories if name in possible),
        reason="the time point (phase) of the sample is not known",
        deciding=("phase of the sample",),
        flags=tuple(dict.fromkeys(flag for item in judged for flag in item.flags)),
    )


def _traces(inputs: MrdInputs, reading: Reading) -> tuple[PredicateTrace, ...]:
    def truth(answer: bool | None) -> Truth:
        return Truth.UNKNOWN if answer is None else Truth.YES if answer else Truth.NO

    return (
        PredicateTrace(
            "remission", "morphologic remission (CR, CRh, CRi)?", truth(inputs.remission), inputs.remission_source
        ),
        PredicateTrace(
            "detected",
            f"{inputs.label or inputs.target} detected by {inputs.method}?",
            truth(reading.detected),
            reading.words,
            missing=reading.missing,
            note=reading.reason,
        ),
    )
