"""All patients of a store: the cohort page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from moltrack import __version__
from moltrack.model import Provenance
from moltrack.timeline.patient import Timeline, timeline
from moltrack.timeline.written import file_name, private_folder, write_private

if TYPE_CHECKING:
    from moltrack.analysis.trial import Outcome
    from moltrack.store import Store


def write_cohort(
    store: Store,
    folder: Path,
    *,
    stamp: str = "",
    reviewed_by: str = "",
    with_patients: bool = False,
    as_of: date | None = None,
) -> Path:
    """Write ``index.html`` over all patients of the store into ``folder``; returns its path.

    Parameters
    ----------
    with_patients
        Also write every patient's own page beside it, linked.
    as_of
        The day on which a patient counts as overdue; None = not judged.

    Patients are read one after another, so that memory holds a row of each, not all their records.
    """
    from moltrack.report import Survival, cohort_page, cohort_row

    private_folder(folder)
    rows = []
    outcomes: dict[str, list[Outcome]] = {}
    for info in store.patients():
        line = timeline(store, info.patient)
        name = f"{file_name(info.patient)}.html"
        if with_patients:
            write_private(folder / name, line.page(stamp=stamp, reviewed_by=reviewed_by))
        rows.append(cohort_row(line.view, link=name if (folder / name).is_file() else "", as_of=as_of))
        group = _mrd_group(line)
        if group:
            outcomes.setdefault(group, []).append(line.relapse_free_survival())
    curves = tuple(Survival(group, steps) for group, steps in sorted(_survival(outcomes).items()))
    provenance = Provenance(__version__, audit_head=store.head(), stamp=stamp, reviewed_by=reviewed_by)
    path = folder / "index.html"
    write_private(path, cohort_page(rows, provenance, survival=curves, note=SURVIVAL_NOTE if curves else ""))
    return path


SURVIVAL_NOTE = (
    "Relapse-free survival from day 0 by the last MRD status: first recorded relapse or death, else censored at the last contact. "
    "Patients without MRD status are left out. Not adjusted; the status is not fixed at day 0, so early events bias the comparison."
)


def _mrd_group(line: Timeline) -> str:
    """``MRD positive`` or ``MRD negative`` by the last MRD verdict that has a category; "" without one."""
    categories = [verdict.category for verdict in line.mrd if verdict.category]
    if not categories:
        return ""
    return "MRD negative" if categories[-1] in {"negative", "below_threshold", "low_level"} else "MRD positive"


def _survival(outcomes: dict[str, list[Outcome]]) -> dict[str, tuple[tuple[float, float, float, float, int], ...]]:
    """Kaplan-Meier steps by group, where any outcome was observed."""
    from moltrack.analysis.trial import kaplan_meier

    if not any(outcome.observed for own in outcomes.values() for outcome in own):
        return {}
    return {
        group: tuple((step.day, step.survival, step.low, step.high, step.at_risk) for step in kaplan_meier(own))
        for group, own in outcomes.items()
    }
