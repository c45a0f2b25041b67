"""One patient as a whole: store → series and clearance → verdicts → table, figure, page. Everything is computed when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moltrack import __version__
from moltrack.errors import UnknownError
from moltrack.model import (
    Axis,
    Clearance,
    Clones,
    Flag,
    Marker,
    PatientRecords,
    PatientView,
    PlacedSample,
    Provenance,
    Series,
    Threshold,
    Truth,
    Verdict,
)
from moltrack.timeline.table import (
    COMPUTED_COLUMNS,
    TABLE_COLUMNS,
    TABLE_VERSION,
    cell_text,
    table_row,
    verdict_words,
)

if TYPE_CHECKING:
    import pandas as pd

    from moltrack.rules import RulesInUse
    from moltrack.store import Store


class Timeline:
    """One patient over time.

    Parameters
    ----------
    records
        What the store holds of the patient.
    since
        Event that day 0 moves to when its day is known, and that the baseline of later series is taken before; "" = the patient's anchor.
    audit_head
        Hash printed on reports.
    window_days
        Values of samples within so many days of a marrow count as one assessment with it (response and, for remission, MRD); None = 7.
    rules
        What the patient is judged by (:func:`moltrack.rules.rules_in_use`); None = the rules of the references.
    """

    def __init__(
        self,
        records: PatientRecords,
        *,
        since: str = "",
        audit_head: str = "",
        window_days: int | None = None,
        rules: RulesInUse | None = None,
    ) -> None:
        self.records = records
        self.since = since
        self.audit_head = audit_head
        self.window_days = window_days
        self._rules = rules

    def __repr__(self) -> str:
        samples, observations = len(self.records.samples), len(self.records.observations)
        return f"<Timeline of {self.records.patient.patient}: {samples} samples, {observations} observations>"

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
    def rules(self) -> RulesInUse:
        """The rules that the patient is judged by, where no other is named."""
        from moltrack.rules import rules_in_use

        return self._rules or rules_in_use()

    @cached_property
    def clearances(self) -> tuple[Clearance, ...]:
        """Every series against its baseline."""
        from moltrack.analysis import clearance

        return tuple(
            clearance(series, self.axis, self.records, self.since, thresholds=self.thresholds)
            for series in self.all_series
        )

    @cached_property
    def clones(self) -> Clones:
        """Markers in the order of their first detection, those that move together, the cells of a VAF, pooled levels."""
        from moltrack.analysis.clones import clones_of

        return clones_of(self.records, self.axis, self.all_series)

    def kinetics(self) -> pd.DataFrame:
        """Half-lives, doubling times, projections, nadirs, product kinetics: one row per series and figure.

        **Shape**: ``value`` is None where ``reason`` says why nothing was fitted; ``low`` and ``high`` bound the 95 % interval
        (``interval`` names it), ``samples`` are those it is made from, ``method`` the formula, ``warning`` what to mind.
        """
        import pandas as pd

        rows = [
            {
                "marker": found.series.marker,
                "label": found.series.label,
                "quantity": found.series.quantity,
                "assay": found.series.assay,
                "tissue": str(found.series.tissue),
                "figure": item.name,
                "comparator": item.comparator,
                "value": item.value,
                "unit": item.unit,
                "low": item.interval.low if item.interval is not None else None,
                "high": item.interval.high if item.interval is not None else None,
                "interval": item.interval.method if item.interval is not None else "",
                "points": item.points,
                "samples": ";".join(item.samples),
                "method": item.method,
                "warning": item.warning,
                "reason": item.reason,
            }
            for found in self.clearances
            for item in found.estimates
        ]
        columns = [
            "marker",
            "label",
            "quantity",
            "assay",
            "tissue",
            "figure",
            "comparator",
            "value",
            "unit",
            "low",
            "high",
        ]
        columns += ["interval", "points", "samples", "method", "warning", "reason"]
        frame = pd.DataFrame(rows, columns=columns)
        frame[["value", "low", "high"]] = frame[["value", "low", "high"]].astype("float64")
        return frame

    @cached_property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The lines that guidelines and declared cutoffs draw on the series."""
        from moltrack import rules

        return rules.thresholds_of(self.records, self.all_series, self.rules)

    # --- verdicts ---

    def risk(self, ruleset: str | Path | None = None, *, at: str = "") -> Verdict:
        """The verdict of a risk guideline at diagnosis, or at sample ``at``; None = ELN 2022, or what is used in its place."""
        from moltrack import rules

        chosen = self.rules.risk_of("eln2022") if ruleset is None else rules.load_ruleset(ruleset)
        return rules.risk_verdict(chosen, self.records, self.axis, at=at)

    @cached_property
    def risks(self) -> tuple[Verdict, ...]:
        """All risk guidelines at diagnosis."""
        from moltrack import rules

        return tuple(rules.risk_verdict(chosen, self.records, self.axis) for chosen in self.rules.risk)

    def response(self, guideline: str | Path | None = None, *, at: str = "") -> tuple[Verdict, ...]:
        """The response at every sample that can be assessed, or at sample ``at``; None = by the rules in use."""
        from moltrack import rules

        used = self.rules
        found = rules.response_verdicts(
            self.records,
            self.axis,
            window_days=self._window,
            guideline=used.response if guideline is None else guideline,
            mrd=used.mrd,
        )
        return self._at(at, found)

    def mrd_status(self, guideline: str | Path | None = None, *, at: str = "") -> tuple[Verdict, ...]:
        """The MRD status of every target and method at every sample, or at sample ``at``; None = by the rules in use."""
        from moltrack import rules

        used = self.rules
        found = rules.mrd_verdicts(
            self.records,
            self.axis,
            window_days=self._window,
            guideline=used.mrd if guideline is None else guideline,
            response=used.response,
        )
        return self._at(at, found)

    @property
    def _window(self) -> int:
        from moltrack import rules

        return rules.WINDOW_DAYS if self.window_days is None else self.window_days

    def _at(self, sample: str, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
        if sample and sample not in self.samples:
            raise self._no_sample(sample)
        return tuple(verdict for verdict in verdicts if not sample or verdict.sample == sample)

    def _no_sample(self, name: str) -> UnknownError:
        return UnknownError(
            f"patient {self.records.patient.patient} has no sample '{name}' ({', '.join(self.samples)})."
        )

    @cached_property
    def responses(self) -> tuple[Verdict, ...]:
        """The response at every sample that can be assessed, computed beside what was recorded."""
        return self.response()

    @cached_property
    def mrd(self) -> tuple[Verdict, ...]:
        """MRD status per sample and method."""
        return self.mrd_status()

    def flagged(self, rule_file: str | Path | None = None, *, at: str = "") -> tuple[Flag, ...]:
        """What flag rules find at every sample, or at sample ``at``; None = by the rules in use."""
        from moltrack import rules
        from moltrack.analysis.evolution import evolution

        if at and at not in self.samples:
            raise self._no_sample(at)
        facts = evolution(self.records, self.axis, self.all_series)
        chosen = self.rules.flags if rule_file is None else rule_file
        found = rules.flags_of(self.records, self.axis, evolution=facts, mrd=self.mrd, rules=chosen)
        return tuple(flag for flag in found if not at or flag.sample == at)

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """Findings that are not a category: discordance, emerging markers, limits unknown ..."""
        return self.flagged()

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

    @cached_property
    def judged(self) -> dict[str, dict[str, str]]:
        """Risk, response (computed and recorded) and MRD status of every sample in words, by the names of :data:`COMPUTED_COLUMNS`."""
        from moltrack import rules

        risk = self.risk().text if self.samples else ""
        recorded = rules.recorded_responses(self.records, self.axis, window_days=self._window)
        found = {
            sample: {"risk": risk, "response": "", "response_recorded": recorded.get(sample, ""), "mrd": ""}
            for sample in self.samples
        }
        for name, verdicts in (("response", self.responses), ("mrd", self.mrd)):
            for verdict in verdicts:
                said = found[verdict.sample]
                said[name] = "; ".join(filter(None, [said[name], verdict_words(verdict)]))
        return found

    # --- table, figure, page ---

    def rows(self, *, hidden: bool = False) -> tuple[dict[str, Any], ...]:
        """The longitudinal table as mappings with the keys of :data:`TABLE_COLUMNS`.

        ``hidden`` adds markers that are kept but not tracked.
        """
        rows = [
            table_row(item, self.markers[item.marker], self.samples.get(item.sample), self.judged.get(item.sample, {}))
            for item in self.records.observations
            if hidden or self.markers[item.marker].tracked
        ]
        return tuple(sorted(rows, key=lambda row: (row["order"] or 0, row["label"], row["quantity"], row["assay"])))

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

        A result without a level stands in every row of the same marker, assay and tissue. The last rows hold the
        :data:`COMPUTED_COLUMNS`, with ``verdict`` as quantity and the guideline as assay.
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
        if lines:
            lines += [
                {"marker": name, "quantity": "verdict", "assay": ruleset, "tissue": ""}
                | {sample: self.judged[sample][name] for sample in samples}
                for name, ruleset in zip(COMPUTED_COLUMNS, self._guidelines(), strict=True)
            ]
        return pd.DataFrame(lines, columns=[*index, *samples])

    def _guidelines(self) -> tuple[str, str, str, str]:
        """What the :data:`COMPUTED_COLUMNS` are by."""
        used = self.rules
        risk, response, mrd = used.risk_of("eln2022"), used.response, used.mrd
        return risk.id, response.id.removeprefix("response_"), "recorded", mrd.id.removeprefix("mrd_")

    @cached_property
    def view(self) -> PatientView:
        """Everything that a page or an export needs."""
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
            thresholds=self.thresholds,
            clones=self.clones,
            provenance=Provenance(
                program_version=__version__,
                rule_versions=self.rules.versions,
                audit_head=self.audit_head,
                sources=tuple(sources),
            ),
        )

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
        view = self.view
        return replace(view, provenance=replace(view.provenance, stamp=stamp, reviewed_by=reviewed_by))


def timeline(
    store: Store, patient: str, *, since: str = "", window_days: int | None = None, rules: RulesInUse | None = None
) -> Timeline:
    """The timeline of one patient of the store; the options are those of :class:`Timeline`."""
    records = store.patient_records(patient)
    return Timeline(records, since=since, audit_head=store.head(), window_days=window_days, rules=rules)
