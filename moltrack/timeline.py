"""A patient as a whole: store → series and clearance → verdicts → table, figure, page.

One of the two modules that compose the parts (the other is ``pipeline``). Everything is computed when first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moltrack import __version__
from moltrack.errors import InputError, UnknownError
from moltrack.model import (
    Axis,
    Clearance,
    Flag,
    LimitKind,
    Marker,
    Observation,
    PatientRecords,
    PatientView,
    Phase,
    PlacedSample,
    Provenance,
    Series,
    Truth,
    Verdict,
)

if TYPE_CHECKING:
    import pandas as pd

    from moltrack.analysis.trial import Outcome
    from moltrack.store import Store

#: Version of the column contract below; it changes when a column is renamed, removed or changes its meaning.
TABLE_VERSION = 1

#: The columns of :meth:`Timeline.table`, in order, with what they hold.
TABLE_COLUMNS: dict[str, str] = {
    "patient": "patient id",
    "sample": "sample id",
    "order": "place of the sample in the patient's sequence, from 1",
    "time": "when the sample was taken, as known: a date, a month, 'day 17 from ...', '#3'",
    "day": "days from the patient's day 0; empty when it cannot be linked",
    "tissue": "BM, PB, other, unknown",
    "phase": "phase as given, else empty",
    "marker": "marker id",
    "label": "marker for people",
    "kind": "kind of marker",
    "genes": "HGNC symbols, ';'-joined",
    "lesions": "lesion ids, ';'-joined",
    "tracked": "True = followed as a marker; False = kept and hidden",
    "quantity": "what the level is; empty = a result without a scale",
    "denominator": "what it is a share of, as stated",
    "status": "detected, not_detected, not_evaluable; no row = not tested",
    "level": "canonical level (fractions 0-1); empty = none",
    "comparator": "'', <, <=, >, >=, ~ as printed",
    "printed": "value as the file prints it",
    "cutoff": "highest value of negatives, canonical",
    "lod": "limit of detection, canonical",
    "loq": "limit of quantification, canonical",
    "alt": "reads (molecules) with the marker",
    "ref": "reads without it",
    "depth": "reads in all",
    "cells": "cells (nuclei, metaphases) with the marker",
    "cells_total": "cells looked at",
    "copies": "target copies",
    "control_copies": "control gene copies",
    "assay": "assay id",
    "technique": "technique",
    "tool": "program or table that stated it",
    "tool_version": "its version",
    "filters": "FILTER entries other than PASS, ';'-joined",
    "flags": "flags and notes, ';'-joined",
    "caller_level": "the caller's own fraction, when ours is from counts",
    "formula": "how the level was made; empty = as printed",
    "replicates": "rows combined",
    "text": "conclusion or karyotype as reported",
    "file": "file names, ';'-joined",
    "line": "lines in them, ';'-joined",
    "sha256": "digests of the files, ';'-joined",
}


class Timeline:
    """One patient over time.

    Parameters
    ----------
    records
        What the store holds of the patient.
    since
        Event that the baseline of later series is taken before; "" = the patient's anchor.
    audit_head
        Hash printed on reports.
    """

    def __init__(self, records: PatientRecords, *, since: str = "", audit_head: str = "") -> None:
        self.records = records
        self.since = since
        self.audit_head = audit_head

    # --- time, markers, series ---

    @cached_property
    def axis(self) -> Axis:
        """Samples and events on the patient's time axis."""
        from moltrack.analysis import build_axis

        return build_axis(self.records, self.since)

    @cached_property
    def markers(self) -> dict[str, Marker]:
        return {marker.id: marker for marker in self.records.markers}

    @cached_property
    def samples(self) -> dict[str, PlacedSample]:
        return {sample.info.sample: sample for sample in self.axis.samples}

    @property
    def events(self) -> tuple[Any, ...]:
        """Events on the axis, in order."""
        return self.axis.events

    @cached_property
    def all_series(self) -> tuple[Series, ...]:
        """One per marker, quantity, assay and tissue, of tracked markers."""
        from moltrack.analysis import build_series

        return build_series(self.records, self.axis)

    def series(self, marker: str = "") -> tuple[Series, ...]:
        """The series of one marker (by id or label), or all."""
        if not marker:
            return self.all_series
        wanted = self.marker(marker).id
        return tuple(series for series in self.all_series if series.marker == wanted)

    def marker(self, name: str) -> Marker:
        """A marker by id, label, gene or lesion (when only one matches).

        Raises
        ------
        UnknownError
            None or several match; the message lists them.
        """
        exact = [m for m in self.records.markers if name in {m.id, m.label}]
        matches = exact or [
            m
            for m in self.records.markers
            if m.tracked
            and name.lower() in {m.id.lower(), m.label.lower(), *map(str.lower, m.genes), *map(str.lower, m.lesions)}
        ]
        if len(matches) == 1:
            return matches[0]
        top = [m for m in matches if not m.parent]
        if len(top) == 1:
            return top[0]
        found = ", ".join(m.id for m in matches) or ", ".join(m.id for m in self.records.markers if m.tracked) or "none"
        problem = "names several markers" if matches else "is not a marker"
        raise UnknownError(f"'{name}' {problem} of patient {self.records.patient.patient} ({found}).")

    @cached_property
    def clearances(self) -> tuple[Clearance, ...]:
        """Every series against its baseline."""
        from moltrack.analysis import clearance

        return tuple(clearance(series, self.axis, self.records, self.since) for series in self.all_series)

    # --- verdicts ---

    def risk(self, ruleset: str = "eln2022", *, at: str = "") -> Verdict:
        """The verdict of a risk guideline at diagnosis, or at sample ``at``."""
        from moltrack import rules

        return rules.risk_verdict(rules.load_ruleset(ruleset), self.records, self.axis, at=at)

    @cached_property
    def risks(self) -> tuple[Verdict, ...]:
        """All risk guidelines at diagnosis."""
        from moltrack import rules

        return tuple(self.risk(name) for name in rules.risk_rulesets())

    @cached_property
    def responses(self) -> tuple[Verdict, ...]:
        """The response at every sample that can be assessed, computed beside what was recorded."""
        from moltrack import rules

        return rules.response_verdicts(self.records, self.axis)

    @cached_property
    def mrd(self) -> tuple[Verdict, ...]:
        """MRD status per sample and method."""
        from moltrack import rules

        return rules.mrd_verdicts(self.records, self.axis)

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """Findings that are not a category: discordance, emerging markers, limits unknown ..."""
        from moltrack import rules
        from moltrack.analysis.evolution import evolution

        return rules.flags_of(self.records, self.axis) + evolution(self.records, self.axis, self.all_series)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What is not known and would decide something, as sentences."""
        said: dict[str, None] = {}
        for verdict in self.risks:
            if verdict.applicable and verdict.category is None:
                for test in verdict.deciding:
                    said[f"{verdict.title}: {test}"] = None
        for flag in self.flags:
            for test in flag.missing:
                said[f"{flag.text.rstrip('.')}: {test}"] = None
            if flag.answer is Truth.UNKNOWN and not flag.missing:
                said[flag.text] = None
        return tuple(said)

    def verdicts(self) -> pd.DataFrame:
        """Risk, response and MRD status at every sample: one row per sample and rule set."""
        import pandas as pd

        rows = [
            {
                "sample": verdict.sample,
                "order": self.samples[verdict.sample].order if verdict.sample in self.samples else None,
                "ruleset": verdict.ruleset,
                "verdict": verdict.text,
                "as_observed": verdict.as_observed,
                "basis": verdict.basis,
                "deciding": "; ".join(verdict.deciding),
                "flags": "; ".join(verdict.flags),
            }
            for verdict in (*self.risks, *self.responses, *self.mrd)
        ]
        return pd.DataFrame(
            rows, columns=["sample", "order", "ruleset", "verdict", "as_observed", "basis", "deciding", "flags"]
        )

    # --- table, figure, page ---

    def rows(self, *, hidden: bool = False) -> tuple[dict[str, Any], ...]:
        """The longitudinal table as mappings with the keys of :data:`TABLE_COLUMNS`.

        ``hidden`` adds markers that are kept but not tracked.
        """
        rows = [self._row(item) for item in self.records.observations if hidden or self.markers[item.marker].tracked]
        return tuple(sorted(rows, key=lambda row: (row["order"] or 0, row["label"], row["quantity"], row["assay"])))

    def _row(self, item: Observation) -> dict[str, Any]:
        marker = self.markers[item.marker]
        sample = self.samples.get(item.sample)
        phase: Phase | None = sample.info.phase if sample else None
        counts = item.counts
        return {
            "patient": item.patient,
            "sample": item.sample,
            "order": sample.order if sample else None,
            "time": str(sample.info.time) if sample else "",
            "day": sample.day if sample else None,
            "tissue": str(item.tissue),
            "phase": str(phase) if phase else "",
            "marker": marker.id,
            "label": marker.label,
            "kind": str(marker.kind),
            "genes": ";".join(marker.genes),
            "lesions": ";".join(marker.lesions),
            "tracked": marker.tracked,
            "quantity": item.quantity,
            "denominator": item.denominator,
            "status": str(item.status),
            "level": item.level,
            "comparator": item.comparator,
            "printed": item.printed,
            "cutoff": item.limit(LimitKind.CUTOFF),
            "lod": item.limit(LimitKind.LOD),
            "loq": item.limit(LimitKind.LOQ),
            "alt": counts.alt,
            "ref": counts.ref,
            "depth": counts.depth,
            "cells": counts.cells,
            "cells_total": counts.cells_total,
            "copies": counts.copies,
            "control_copies": counts.control_copies,
            "assay": item.assay,
            "technique": str(item.technique),
            "tool": item.tool,
            "tool_version": item.tool_version,
            "filters": ";".join(item.filters),
            "flags": ";".join(item.flags),
            "caller_level": item.caller_level,
            "formula": item.formula,
            "replicates": item.replicates,
            "text": item.text,
            "file": ";".join(origin.file for origin in item.origins),
            "line": ";".join(str(origin.line) for origin in item.origins),
            "sha256": ";".join(dict.fromkeys(origin.sha256 for origin in item.origins)),
        }

    def table(self, *, hidden: bool = False) -> pd.DataFrame:
        """The longitudinal table.

        **Shape**: one row per marker, quantity and run; the columns of :data:`TABLE_COLUMNS`, version
        :data:`TABLE_VERSION` (also in ``frame.attrs``). Levels are canonical: fractions 0-1, ratios ≥ 0.
        """
        import pandas as pd

        frame = pd.DataFrame(self.rows(hidden=hidden), columns=list(TABLE_COLUMNS))
        numbers = [
            "day",
            "level",
            "cutoff",
            "lod",
            "loq",
            "alt",
            "ref",
            "depth",
            "cells",
            "cells_total",
            "copies",
            "control_copies",
            "caller_level",
        ]
        frame[numbers] = frame[numbers].astype("float64")
        frame["order"] = frame["order"].astype("Int64")
        frame["replicates"] = frame["replicates"].astype("int64")
        frame.attrs["moltrack_table_version"] = TABLE_VERSION
        return frame

    def wide(self) -> pd.DataFrame:
        """One row per series (marker, quantity, assay, tissue), one column per sample; cells for people.

        A result without a level stands in every row of the same marker, assay and tissue.
        """
        import pandas as pd

        samples = [placed.info.sample for placed in self.axis.samples]
        rows = self.rows()
        quantities: dict[tuple[str, str, str], dict[str, None]] = {}
        for row in rows:
            quantities.setdefault((row["label"], row["assay"], row["tissue"]), {})[row["quantity"]] = None
        cells: dict[tuple[str, str, str, str], dict[str, str]] = {}
        for row in rows:
            label, assay, tissue = key = (row["label"], row["assay"], row["tissue"])
            own = [row["quantity"]] if row["quantity"] else [name for name in quantities[key] if name] or [""]
            for quantity in own:
                cells.setdefault((label, quantity, assay, tissue), {}).setdefault(row["sample"], cell_text(row))
        index = ["marker", "quantity", "assay", "tissue"]
        lines = [
            dict(zip(index, key, strict=True)) | {sample: values.get(sample, "not tested") for sample in samples}
            for key, values in cells.items()
        ]
        return pd.DataFrame(lines, columns=[*index, *samples])

    @cached_property
    def view(self) -> PatientView:
        """Everything that a page or an export needs."""
        from moltrack import rules

        sources = dict.fromkeys((run.file, run.sha256) for run in self.records.runs)
        return PatientView(
            records=self.records,
            axis=self.axis,
            clearances=self.clearances,
            risk=self.risks,
            response=self.responses,
            mrd=self.mrd,
            flags=self.flags,
            missing=self.missing,
            table=self.rows(),
            provenance=Provenance(
                program_version=__version__,
                rule_versions=tuple(f"{verdict.ruleset} {verdict.version}" for verdict in self.risks)
                or rules.risk_rulesets(),
                audit_head=self.audit_head,
                sources=tuple(sources),
            ),
        )

    def relapse_free_survival(self) -> Outcome:
        """Days from day 0 to the first recorded relapse or death, or censored at the last contact."""
        from moltrack.analysis.trial import time_to_relapse

        return time_to_relapse(self.axis, self.records.patient.patient, or_death=True)

    def figure(self, markers: Sequence[str] = (), *, scale: str = "log") -> dict[str, Any]:
        """The clearance curves as a plotly figure (a plain mapping that ``plotly.graph_objects.Figure`` takes)."""
        from moltrack.report import figure

        chosen = tuple(self.marker(name).id for name in markers)
        return figure(self.view, markers=chosen, scale=scale)

    def page(self, *, stamp: str = "", reviewed_by: str = "") -> str:
        """The patient page: one HTML file that needs nothing else."""
        from moltrack.report import patient_page

        return patient_page(self._stamped(stamp, reviewed_by))

    def trend_page(self, markers: Sequence[str] = (), *, scale: str = "log", stamp: str = "") -> str:
        """The clearance curves with their table as one HTML file."""
        from moltrack.report import trend_page

        chosen = tuple(self.marker(name).id for name in markers)
        return trend_page(self._stamped(stamp, ""), markers=chosen, scale=scale)

    def _stamped(self, stamp: str, reviewed_by: str) -> PatientView:
        from dataclasses import replace

        view = self.view
        return replace(view, provenance=replace(view.provenance, stamp=stamp, reviewed_by=reviewed_by))


def cell_text(row: dict[str, Any]) -> str:
    """A table row as one cell for people: the level, ``detected``, ``not detected (< 2 %)``, ``not evaluable``."""
    from moltrack.quantity import format_level

    status, level, quantity = row["status"], row["level"], row["quantity"]
    if row["kind"] == "reported" and row["text"]:
        return str(row["text"])
    if status == "not_evaluable":
        return "not evaluable"
    shown = "" if level is None else (format_level(level, quantity) if quantity != "analyte" else row["printed"])
    if status == "not_detected":
        bound = row["cutoff"] if row["cutoff"] is not None else row["lod"]
        limit = format_level(bound, quantity) if bound is not None and quantity and quantity != "analyte" else ""
        detail = f"{shown}; < {limit}" if shown and limit else shown or (f"< {limit}" if limit else "limit unknown")
        return f"not detected ({detail})"
    if row["text"] and not shown:
        return str(row["text"])
    return f"{row['comparator']}{shown}" if shown else "detected"


def timeline(store: Store, patient: str, *, since: str = "") -> Timeline:
    """The timeline of one patient of the store."""
    return Timeline(store.patient_records(patient), since=since, audit_head=store.head())


# --- a cohort ---------------------------------------------------------------------------------------------------------


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

    _private_folder(folder)
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


def file_name(patient: str) -> str:
    """A patient id as a file name: letters, digits, ``-_.`` kept, anything else ``_``."""
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in patient)


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made ({error.strerror}).") from None


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all.

    Raises
    ------
    InputError
        The folder does not exist or the file cannot be written.
    """
    import tempfile

    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist.", advice="Create it, or give another -o.")
    try:
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as handle:
            handle.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        Path(handle.name).replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from None
