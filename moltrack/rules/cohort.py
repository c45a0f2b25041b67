"""A table of patients, classified in one go: one row a patient, one column a finding."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from moltrack import resources
from moltrack.errors import InputError, RuleError
from moltrack.model import Karyotype, Truth
from moltrack.quantity import parse_number
from moltrack.rules.inputs import Inputs, Number, kleene, with_derived
from moltrack.rules.judging import evaluate
from moltrack.rules.predicates import question
from moltrack.rules.ruleset import RuleSet, load_ruleset, risk_rulesets

#: Columns that hold numbers, and the lesion that each describes.
NUMBERS = {"FLT3_ITD_AR": "FLT3_ITD", "TP53_VAF": "TP53"}

#: Columns that are no finding. ``row`` is the line in the file.
OTHER = ("patient", "age", "karyotype", "row")

#: An answer that follows from others and has no column of its own.
DERIVED = frozenset({"kmt2a_r"})

YES_WORDS = frozenset({"1", "yes", "y", "true", "present", "positive", "pos", "mutated", "mut", "+"})
NO_WORDS = frozenset({"0", "no", "n", "false", "absent", "negative", "neg", "wild type", "wildtype", "wt", "-"})
UNKNOWN_WORDS = frozenset({"", "na", "n/a", "nan", "unknown", "?", "nd", "n.d.", "none", "."})

#: What a karyotype column says when there is none.
NO_KARYOTYPE = UNKNOWN_WORDS | {"failed", "not done", "not performed", "no metaphases", "no mitoses", "no growth", "-"}

#: Fewer metaphases do not show that a lesion is absent (Döhner, Blood 2022;140:1345: at least 20 for a normal karyotype).
METAPHASES = 20

#: What :func:`classify_rows` yields, and what each column means.
RESULTS = {
    "patient": "as in the table",
    "ruleset": "id of the rule set; with --rules all one row for each",
    "category": "F, I or A; NA{...} when what is not known leaves several open (the usual convention behind 'conv'); - when the guideline does not apply",
    "as_observed": "the category if everything that is not known were absent: on what was tested, never the guideline's result",
    "possible": "the categories that are left, separated by ;",
    "basis": "stated by the guideline, derived from it, or convention where its text is silent",
    "deciding": "tests that would settle the category",
    "reasons": "titles of the rows that hold for certain; why the guideline does not apply",
    "problems": "cells of this row that cannot be read, which count as not known; contradictions, with which there is no verdict",
    "flags": "remarks: those of the rule set; minor; metaphases_not_stated, metaphases_lt_20, karyotype_partly_read, column_over_karyotype; ratio_over_10",
}


@cache
def input_columns() -> tuple[str, ...]:
    """Every finding that a guideline reads from a table of patients."""
    names: dict[str, None] = {}
    for name in risk_rulesets():
        ruleset = load_ruleset(name)
        names.update(dict.fromkeys(item for item in ruleset.inputs if item not in ruleset.levels))
        names.update(dict.fromkeys(level.of for level in ruleset.levels.values() if level.of))
    return (*(name for name in names if name not in DERIVED), "kmt2a_r_partner_unknown", *NUMBERS)


def column_meanings() -> dict[str, str]:
    """The columns of a table of patients, with what their cells mean."""
    meanings = {
        "patient": "name of the patient, once in the table; required",
        "age": "years at diagnosis; below 18 gives the flag minor",
        "karyotype": (
            "ISCN string. It answers every cytogenetic column below that the table leaves empty or does not have. What it does not "
            f"show is absent when it prints {METAPHASES} metaphases or more, or no counts at all (flag metaphases_not_stated); with fewer "
            "it stays unknown (flag metaphases_lt_20). 'failed' or nothing = no karyotype"
        ),
    }
    for name in input_columns():
        if name in NUMBERS:
            kind = "ratio, mutant / wild type" if name == "FLT3_ITD_AR" else "fraction from 0 to 1"
            meanings[name] = f"{question(NUMBERS[name])}: {kind}, or a number with %; < and > may stand before it"
        else:
            meanings[name] = f"{question(name)}: 1 present, 0 tested and absent, empty not known"
    return meanings


def column_names(header: Iterable[str]) -> dict[str, str]:
    """Column of the table -> ``patient``, ``age``, ``karyotype``, or the finding it holds.

    Any spelling of case, space, dot, dash and underscore is the same. Genes and lesions that no guideline reads may be there.

    Raises
    ------
    InputError
        A column that is none of these, two of the same meaning, or no ``patient``; one line for each.
    """
    known = {_plain(name): name for name in (*resources.lesions(), *input_columns(), *OTHER)}
    names: dict[str, str] = {}
    problems = []
    for column in header:
        name = known.get(_plain(column)) or _gene(column)
        if name is None:
            problems.append(f"'{column}' is not a column of a patient table (see 'moltrack rules show --columns').")
        elif name in names.values():
            problems.append(f"the column '{name}' is there twice (again as '{column}').")
        else:
            names[column] = name
    if "patient" not in names.values():
        problems.append("has no column 'patient'.")
    if problems:
        raise InputError("\n".join(problems))
    return names


def _gene(column: str) -> str | None:
    """A current gene symbol; no former one, since words like SEX are among them."""
    symbol = column.strip().upper()
    return symbol if resources.gene_symbol(symbol) == symbol else None


def _plain(name: str) -> str:
    return name.strip().lower().translate({ord(sign): None for sign in " ._-"})


def classify_rows(
    ruleset: RuleSet,
    rows: Iterable[Mapping[str, str]],
    *,
    assume_absent: bool = False,
    karyotype: Callable[[str], Karyotype] | None = None,
) -> Iterator[dict[str, Any]]:
    """Verdicts of a cohort, one per row.

    Parameters
    ----------
    rows
        Cells as text by column name (:func:`column_meanings`), the same columns in each; ``row`` is the line in the file.
    assume_absent
        An empty cell means tested and absent; a column that is not there stays unknown.
    karyotype
        Reads the ``karyotype`` column.

    Yields
    ------
    dict
        The columns of :data:`RESULTS` and ``row``. ``problems`` is a tuple of sentences: a cell that cannot be read counts as not
        known; where the row contradicts itself or another, the columns of the verdict are left out.

    Raises
    ------
    InputError
        The columns are not those of a patient table.
    """
    reader: _Reader | None = None
    seen: dict[str, str] = {}
    for row in rows:
        if reader is None:
            reader = _Reader(column_names(row), assume_absent, karyotype)
        found = reader.read(row)
        if found.patient in seen:
            found.contradictions.append(f"patient '{found.patient}' stands in row {seen[found.patient]} already.")
        seen.setdefault(found.patient, found.line)
        result: dict[str, Any] = {"patient": found.patient, "ruleset": ruleset.id, "row": found.line}
        if not found.contradictions:
            try:
                result |= _classified(ruleset, found)
            except RuleError as error:
                found.contradictions.append(error.message)
        yield result | {"problems": (*found.unread, *found.contradictions)}


def _classified(ruleset: RuleSet, patient: _Patient) -> dict[str, Any]:
    verdict = evaluate(ruleset, patient.inputs, traces=False)
    reasons = _rows_that_hold(ruleset, patient.inputs) if verdict.applicable else [verdict.reason]
    return {
        "category": verdict.text,
        "as_observed": verdict.as_observed,
        "possible": ";".join(verdict.possible),
        "basis": verdict.basis,
        "deciding": "; ".join(verdict.deciding),
        "reasons": "; ".join(reasons),
        "flags": ";".join((*verdict.flags, *patient.flags)),
    }


def _rows_that_hold(ruleset: RuleSet, inputs: Inputs) -> list[str]:
    """Titles of the rows that hold for certain; of the residual row where no other can."""
    table = ruleset.table
    answers = with_derived(inputs, ruleset.levels, ruleset.thresholds).answers
    held = {row.id: kleene(row.when, answers, table.conditions) for row in table.rows if not row.residual}
    if all(answer is Truth.NO for answer in held.values()):
        return [row.title for row in table.rows if row.residual]
    return [row.title for row in table.rows if held.get(row.id) is Truth.YES]


@dataclass
class _Patient:
    """A row, read: its findings, remarks on it, cells that could not be read, and what contradicts itself or another row."""

    patient: str
    line: str
    answers: dict[str, Truth] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    age: float | None = None
    flags: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)

    @property
    def inputs(self) -> Inputs:
        return Inputs(self.answers, self.numbers, age=self.age)


class _Reader:
    """Reads rows with the same columns; a karyotype that occurs twice is read once."""

    def __init__(
        self, columns: Mapping[str, str], assume_absent: bool, karyotype: Callable[[str], Karyotype] | None
    ) -> None:
        self.columns = columns
        self.assume_absent = assume_absent
        self.karyotype = cache(karyotype) if karyotype else None

    def read(self, row: Mapping[str, str]) -> _Patient:
        cells = {self.columns[column]: cell.strip() for column, cell in row.items() if column in self.columns}
        patient = _Patient(cells.pop("patient"), cells.pop("row", ""))
        if not patient.patient:
            patient.contradictions.append("column 'patient' is empty.")
        self._read_karyotype(cells.pop("karyotype", ""), patient)
        empty: list[str] = []
        for name, cell in cells.items():
            try:
                self._read_cell(name, cell, patient, empty)
            except InputError as error:
                patient.unread.append(error.message)
        self._join_numbers(cells, patient)
        if self.assume_absent:
            for name in empty:
                patient.answers.setdefault(name, Truth.NO)
        return patient

    def _read_karyotype(self, text: str, patient: _Patient) -> None:
        if text.lower() in NO_KARYOTYPE or self.karyotype is None:
            return
        found = self.karyotype(text)
        if all(value is None for _, value in found.flags):
            why = "; ".join(found.problems) or "nothing in it was understood"
            patient.unread.append(f"column 'karyotype' holds '{text}': {why}.")
            return
        few = found.metaphases is not None and found.metaphases < METAPHASES
        for name, value in found.flags:
            open_ = value is None or (not value and few)
            patient.answers[name] = Truth.UNKNOWN if open_ else Truth.YES if value else Truth.NO
        if few:
            patient.flags.append("metaphases_lt_20")
        elif found.metaphases is None:
            patient.flags.append("metaphases_not_stated")
        if found.problems:
            patient.flags.append("karyotype_partly_read")

    def _read_cell(self, name: str, cell: str, patient: _Patient, empty: list[str]) -> None:
        if name == "age":
            patient.age = _age(cell)
        elif name in NUMBERS:
            if cell.lower() not in UNKNOWN_WORDS:
                patient.numbers[name] = _number(name, cell)
                if name == "FLT3_ITD_AR" and patient.numbers[name].low > 10:
                    patient.flags.append("ratio_over_10")
            elif NUMBERS[name] not in self.columns.values():
                empty.append(NUMBERS[name])
        elif (answer := _truth(name, cell)) is not Truth.UNKNOWN:
            if name in patient.answers and patient.answers[name] not in {answer, Truth.UNKNOWN}:
                patient.flags.append("column_over_karyotype")
            patient.answers[name] = answer
        else:
            empty.append(name)

    def _join_numbers(self, cells: Mapping[str, str], patient: _Patient) -> None:
        """A level above 0 says that its lesion is there, a level of 0 that it is not."""
        for name, number in patient.numbers.items():
            lesion = NUMBERS[name]
            if number.high == 0:
                patient.answers.setdefault(lesion, Truth.NO)
            elif number.low > 0:
                if patient.answers.get(lesion) is Truth.NO:
                    patient.contradictions.append(f"column '{name}' holds '{cells[name]}', but '{lesion}' is 0.")
                patient.answers[lesion] = Truth.YES


def _truth(name: str, cell: str) -> Truth:
    word = cell.lower()
    if word in UNKNOWN_WORDS:
        return Truth.UNKNOWN
    if word in YES_WORDS:
        return Truth.YES
    if word in NO_WORDS:
        return Truth.NO
    raise InputError(f"column '{name}' holds '{cell}', expected 1, 0 or nothing.")


def _number(name: str, cell: str) -> Number:
    comparator = cell[0] if cell[0] in "<>" else ""
    digits = cell.lstrip("<>= ").rstrip("% ")
    try:
        value = float(parse_number(digits)) / (100 if cell.endswith("%") else 1)
    except InputError:
        raise InputError(f"column '{name}' holds '{cell}', expected a number.") from None
    highest = 1.0 if name == "TP53_VAF" else math.inf
    if not 0 <= value <= highest:
        expected = "a fraction from 0 to 1 (or a number with %)" if name == "TP53_VAF" else "a ratio from 0 on"
        raise InputError(f"column '{name}' holds '{cell}', expected {expected}.")
    if comparator == "<":
        return Number(0.0, math.nextafter(value, math.inf) if cell.startswith("<=") else value, cell)
    return Number(value, highest if comparator == ">" else value, cell)


def _age(cell: str) -> float | None:
    if cell.lower() in UNKNOWN_WORDS:
        return None
    try:
        age = float(cell)
    except ValueError:
        raise InputError(f"column 'age' holds '{cell}', expected years.") from None
    if not 0 <= age <= 130:
        raise InputError(f"column 'age' holds '{cell}', expected years from 0 to 130.")
    return age
