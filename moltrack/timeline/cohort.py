"""All patients of a store: the cohort page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from moltrack import __version__
from moltrack.errors import MoltrackError
from moltrack.model import PatientView, Provenance
from moltrack.timeline.patient import Timeline, timeline
from moltrack.timeline.trial import mrd_group, relapse_free_survival
from moltrack.timeline.written import file_name, private_folder, write_private

if TYPE_CHECKING:
    from moltrack.analysis.trial import Outcome
    from moltrack.report import CohortRow
    from moltrack.rules.flags import FlagRules
    from moltrack.store import Store


#: Patients that a process reads before it hands over their rows.
CHUNK = 50


@dataclass(frozen=True, slots=True)
class _Task:
    """What a process needs to make the rows of some patients."""

    patients: tuple[str, ...]
    folder: Path
    stamp: str
    reviewed_by: str
    with_patients: bool
    as_of: date | None
    rules: tuple[str | Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A patient's row, with group and outcome for the survival curves."""

    row: CohortRow
    group: str
    outcome: Outcome | None


def write_cohort(
    store: Store,
    folder: Path,
    *,
    stamp: str = "",
    reviewed_by: str = "",
    with_patients: bool = False,
    as_of: date | None = None,
    jobs: int = 1,
    rules: Sequence[str | Path] = (),
) -> Path:
    """Write ``index.html`` over all patients of the store into ``folder``; returns its path.

    Parameters
    ----------
    with_patients
        Also write every patient's own page beside it, linked.
    as_of
        The day on which a patient counts as overdue; None = not judged.
    jobs
        Processes that read patients.
    rules
        A laboratory's own rule files (:func:`moltrack.rules.rules_in_use`).

    Patients are read one after another, so that memory holds a row of each, not all their records.
    """
    from moltrack.report import Survival, cohort_page
    from moltrack.rules import rules_in_use

    used = rules_in_use(rules)
    private_folder(folder)
    names = [info.patient for info in store.patients()]
    tasks = [
        _Task(tuple(names[start : start + CHUNK]), folder, stamp, reviewed_by, with_patients, as_of, tuple(rules))
        for start in range(0, len(names), CHUNK)
    ]
    rows: list[CohortRow] = []
    outcomes: dict[str, list[Outcome]] = {}
    for found in _read_all(store, tasks, min(jobs, len(tasks))):
        rows.append(found.row)
        if found.outcome is not None:
            outcomes.setdefault(found.group, []).append(found.outcome)
    curves = tuple(Survival(group, steps) for group, steps in sorted(_survival(outcomes).items()))
    provenance = Provenance(
        __version__,
        rule_versions=used.versions,
        audit_head=store.head(),
        stamp=stamp,
        reviewed_by=reviewed_by,
    )
    path = folder / "index.html"
    write_private(
        path,
        cohort_page(
            rows, provenance, survival=curves, note=SURVIVAL_NOTE.format(response=used.response.title) if curves else ""
        ),
    )
    return path


def _read_all(store: Store, tasks: Sequence[_Task], jobs: int) -> Iterator[_Found]:
    if jobs < 2:
        for task in tasks:
            yield from _read(store, task)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from functools import partial
    from multiprocessing import get_context

    try:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            for found in pool.map(partial(_read_elsewhere, store.address), tasks):
                yield from found
    except BrokenProcessPool:
        raise MoltrackError("a process that read patients died.", advice="Run it again with --jobs 1.") from None


def _read_elsewhere(address: str, task: _Task) -> list[_Found]:
    """The rows of a task from a database that this process opens itself."""
    from moltrack.store import Store

    with Store.open(address, create=False, read_only=True) as store:
        return list(_read(store, task))


def _read(store: Store, task: _Task) -> Iterator[_Found]:
    from moltrack.report import cohort_row
    from moltrack.rules import rules_in_use

    used = rules_in_use(task.rules)
    alerts = _alerts(used.flags)
    for patient in task.patients:
        line = timeline(store, patient, rules=used)
        name = f"{file_name(patient)}.html"
        if task.with_patients:
            write_private(task.folder / name, line.page(stamp=task.stamp, reviewed_by=task.reviewed_by))
        link = name if (task.folder / name).is_file() else ""
        group = mrd_group(line)
        outcome = relapse_free_survival(line) if group else None
        yield _Found(cohort_row(_shown(line, alerts), link=link, as_of=task.as_of), group, outcome)


def _shown(line: Timeline, alerts: FlagRules) -> PatientView:
    """What a row of the cohort says of a patient: no figures of the courses, no table of observations, alerts alone."""
    from moltrack import rules
    from moltrack.analysis import clearance
    from moltrack.analysis.evolution import evolution

    facts = evolution(line.records, line.axis, line.all_series)

    return PatientView(
        records=line.records,
        axis=line.axis,
        clearances=tuple(
            clearance(series, line.axis, line.records, line.since, estimates=False) for series in line.all_series
        ),
        risk=line.risks,
        response=line.responses,
        mrd=line.mrd,
        flags=rules.flags_of(line.records, line.axis, evolution=facts, mrd=line.mrd, rules=alerts),
    )


def _alerts(every: FlagRules) -> FlagRules:
    """The flag rules that raise alerts, with those that they yield to."""
    wanted = {rule.id for rule in every.rules if rule.severity == "alert"}
    while more := {name for rule in every.rules if rule.id in wanted for name in rule.yields_to} - wanted:
        wanted |= more
    return replace(every, rules=tuple(rule for rule in every.rules if rule.id in wanted))


SURVIVAL_NOTE = (
    "Relapse-free survival from the first CR, CRh or CRi ({response}) by the last MRD status: hematologic relapse or death, else censored "
    "at the last contact. Patients without remission or MRD status are left out. Not adjusted; the status is that of the last sample, so "
    "the groups depend on the outcome (immortal time bias): 'moltrack trial survival --by mrd --landmark DAY' fixes it."
)


def _survival(outcomes: dict[str, list[Outcome]]) -> dict[str, tuple[tuple[float, float, float, float, int], ...]]:
    """Kaplan-Meier steps by group, where any outcome was observed."""
    from moltrack.analysis.trial import kaplan_meier

    if not any(outcome.observed for own in outcomes.values() for outcome in own):
        return {}
    return {
        group: tuple((step.day, step.survival, step.low, step.high, step.at_risk) for step in kaplan_meier(own))
        for group, own in outcomes.items()
    }
