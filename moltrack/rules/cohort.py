"""A table of patients, classified in one go: one row a patient, one column an input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from moltrack.errors import InputError, RuleError
from moltrack.model import Truth
from moltrack.quantity import parse_number
from moltrack.rules.inputs import Inputs, Number
from moltrack.rules.risk import evaluate
from moltrack.rules.ruleset import RuleSet, load_ruleset, risk_rulesets

#: Columns that hold numbers; a VAF and a ratio are fractions unless the cell says %.
NUMBERS = ("FLT3_ITD_AR", "TP53_VAF")

#: Columns that are no input of a rule.
OTHER = ("patient", "age", "karyotype", "row")

#: Answers that follow from others and have no column of their own.
DERIVED = frozenset({"FLT3_ITD_high", "TP53_at_threshold", "TP53_below_10", "kmt2a_r"})

YES_WORDS = frozenset({"1", "yes", "y", "true", "present", "positive", "pos", "mutated", "mut", "+"})
NO_WORDS = frozenset({"0", "no", "n", "false", "absent", "negative", "neg", "wild type", "wildtype", "wt", "-"})
UNKNOWN_WORDS = frozenset({"", "na", "n/a", "nan", "unknown", "?", "nd", "n.d.", "none", "."})


@cache
def input_columns() -> tuple[str, ...]:
    """Every input column that a table may have."""
    names: dict[str, None] = {}
    for name in risk_rulesets():
        names.update(dict.fromkeys(load_ruleset(name).inputs))
    return (*(name for name in names if name not in DERIVED), "kmt2a_r_partner_unknown", *NUMBERS)


def classify_rows(
    ruleset: RuleSet,
    rows: Sequence[Mapping[str, str]],
    *,
    assume_absent: bool = False,
    karyotype_flags: Callable[[str], Mapping[str, bool | None]] | None = None,
) -> Iterator[dict[str, Any]]:
    """Verdicts of a cohort.

    Parameters
    ----------
    rows
        Cells as text by column name; ``row`` is the line in the file.
    assume_absent
        An empty cell of an input column means tested and absent; a column that is not there stays unknown.
    karyotype_flags
        Reads the ``karyotype`` column; a column of the same name as a flag wins over it.

    Yields
    ------
    dict
        patient, ruleset, category, as_observed, possible, basis, deciding, reasons, flags, row, error.
    """
    known = {name.lower(): name for name in (*input_columns(), *OTHER)}
    for row in rows:
        line = row.get("row", "")
        base: dict[str, Any] = {"patient": row.get("patient", ""), "ruleset": ruleset.id, "row": line, "error": ""}
        try:
            inputs = _inputs(row, known, assume_absent, karyotype_flags)
            verdict = evaluate(ruleset, inputs)
        except (InputError, RuleError) as error:
            yield base | {"error": str(error)}
            continue
        fired = [rule.title for rule in verdict.rules if rule.answer is Truth.YES]
        yield base | {
            "category": verdict.text,
            "as_observed": verdict.as_observed,
            "possible": ";".join(verdict.possible),
            "basis": verdict.basis,
            "deciding": "; ".join(verdict.deciding),
            "reasons": "; ".join(fired) or verdict.reason,
            "flags": ";".join(verdict.flags),
        }


def _inputs(
    row: Mapping[str, str],
    known: Mapping[str, str],
    assume_absent: bool,
    karyotype_flags: Callable[[str], Mapping[str, bool | None]] | None,
) -> Inputs:
    answers: dict[str, Truth] = {}
    numbers: dict[str, Number] = {}
    age: float | None = None
    text = next((cell for name, cell in row.items() if name.lower() == "karyotype"), "")
    if text.strip() and karyotype_flags is not None:
        for name, value in karyotype_flags(text).items():
            answers[name] = Truth.UNKNOWN if value is None else Truth.YES if value else Truth.NO
    for column, cell in row.items():
        name = known.get(column.lower())
        if name is None:
            raise InputError(
                f"'{column}' is not a column of a patient table.", advice="See 'moltrack rules show --columns'."
            )
        if name == "age":
            age = _age(cell)
        elif name in NUMBERS:
            if cell.strip().lower() not in UNKNOWN_WORDS:
                numbers[name] = _number(name, cell)
        elif name not in OTHER:
            answer = _truth(name, cell)
            if answer is Truth.UNKNOWN and assume_absent and name not in answers:
                answer = Truth.NO
            if answer is not Truth.UNKNOWN or name not in answers:
                answers[name] = answer
    if "TP53_VAF" in numbers and answers.get("TP53", Truth.UNKNOWN) is Truth.UNKNOWN:
        answers["TP53"] = Truth.YES if numbers["TP53_VAF"].low > 0 else Truth.NO
    if "FLT3_ITD_AR" in numbers and answers.get("FLT3_ITD", Truth.UNKNOWN) is Truth.UNKNOWN:
        answers["FLT3_ITD"] = Truth.YES if numbers["FLT3_ITD_AR"].low > 0 else Truth.NO
    return Inputs(answers, numbers, age=age)


def _truth(name: str, cell: str) -> Truth:
    word = cell.strip().lower()
    if word in UNKNOWN_WORDS:
        return Truth.UNKNOWN
    if word in YES_WORDS:
        return Truth.YES
    if word in NO_WORDS:
        return Truth.NO
    raise InputError(f"column '{name}' holds '{cell}', expected 1, 0 or nothing.")


def _number(name: str, cell: str) -> Number:
    text = cell.strip()
    percent = text.endswith("%")
    try:
        value = float(parse_number(text.rstrip("% "))) / (100 if percent else 1)
    except InputError:
        raise InputError(f"column '{name}' holds '{cell}', expected a number.") from None
    if value < 0 or (name == "TP53_VAF" and value > 1):
        raise InputError(f"column '{name}' holds '{cell}', expected a fraction from 0 to 1 (or a number with %).")
    return Number(value, value, text)


def _age(cell: str) -> float | None:
    if cell.strip().lower() in UNKNOWN_WORDS:
        return None
    try:
        age = float(cell)
    except ValueError:
        raise InputError(f"column 'age' holds '{cell}', expected years.") from None
    if not 0 <= age <= 130:
        raise InputError(f"column 'age' holds '{cell}', expected years from 0 to 130.")
    return age
