"""What the page says in words: levels, limits, counts, the course of a series. Used by tables, hover texts and sentences alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moltrack.model import (
    Axis,
    Clearance,
    Counts,
    Estimate,
    Limit,
    LimitKind,
    MarkerKind,
    Observation,
    PlacedEvent,
    PlacedSample,
    Point,
    Reduction,
    Series,
    Status,
    Tissue,
)
from moltrack.quantity import QUANTITIES, format_level, quantity

#: Short names of quantities for legends and sentences; others by their title.
_SHORT = {
    "vaf": "VAF",
    "allelic_ratio": "allelic ratio",
    "cell_fraction": "fraction of cells",
    "copies_per_ug": "copies per µg DNA",
    "": "result",
}
_CLEARANCE = {
    "cleared": "cleared",
    "cleared_unconfirmed": "not detected, not confirmed",
    "not_cleared": "still detected",
    "reappeared": "detected again",
    "not_followed_up": "not followed up",
    "no_later_sample": "no later sample: nothing to compare yet",
    "limit_unknown": "not detected, limit unknown",
}
_ESTIMATES = {
    "cmax": "peak level (Cmax)",
    "tmax": "day of the peak (Tmax)",
    "clast": "last level (Clast)",
    "tlast": "day of the last level (Tlast)",
    "auc": "area under the curve",
    "auc_0_28": "area under the curve, days 0-28",
    "auc_0_t": "area under the curve to the last sample",
    "log10_fall": "log10 fall from the peak",
    "nadir": "lowest level (nadir)",
    "best_response": "best log10 reduction",
    "time_to_undetectable": "time to undetectable",
    "half_life": "half-life",
    "doubling_time": "doubling time",
    "rate": "half-life or doubling time",
    "rebound": "time from nadir to a tenfold rise",
}
_PRODUCT = "Stein, CPT Pharmacometrics Syst Pharmacol 2019;8:285"
_RATE = (
    "{what} of a course N = N0 exp(b t): ln 2 / |b|, b by least squares of ln N, or by the likelihood with left-censored "
    "samples where some lie below their limit (Tobit; Tobin, Econometrica 1958;26:24). A stretch ends where a treatment "
    "starts, or at a nadir that is followed by a tenfold rise; its interval is given from three measured samples on."
)
#: What each figure of the page is, and where it is defined.
DEFINITIONS = {
    "baseline": "The result that reductions are counted from: the first at or before the first treatment, else the last before the event that days count from.",
    "best_response": "The largest log10(baseline / level) of the series; at least so much (≥) where the level lies below its limit. Interval by the delta method.",
    "nadir": "The lowest level after the baseline; at most so much (≤) where it lies below its limit.",
    "time_to_undetectable": "Days from the first detection to the first sample in which nothing was detected down to a known limit; in brackets, when it may have happened.",
    "rebound": "Days from the nadir to the first level at least 1 log10 above it, the rise that counts as MRD relapse (Heuser, Blood 2021;138:2753).",
    "auc": "Area under the levels over days, trapezoid linear where they rise and logarithmic where they fall.",
    "half_life": _RATE.format(what="Time to half"),
    "doubling_time": _RATE.format(what="Time to double"),
    "rate": "Half-life of a falling, doubling time of a rising course; none is fitted to fewer results than it can bear.",
    "projection": "The day on which the fitted course of the last stretch would cross a threshold, with Fieller's 95 % interval (Q J R Stat Soc B 1954;16:175): where the present course leads, not a finding.",
    "cmax": f"Highest measured level ({_PRODUCT}).",
    "tmax": f"Day of the highest level, from the first infusion ({_PRODUCT}).",
    "clast": "Last level that could be quantified.",
    "tlast": "Day of the last quantified level, from the first infusion.",
    "auc_0_28": f"Area under the levels from infusion to day 28, linear up and log down ({_PRODUCT}).",
    "auc_0_t": f"Area under the levels from infusion to the last sample, which was taken before day 28 ({_PRODUCT}).",
    "log10_fall": "log10(Cmax / Clast).",
    "persistence": "Last day on which the product was quantified; at least so long (≥) where that is the last sample.",
}


def short_quantity(name: str) -> str:
    """The quantity as a legend names it."""
    return _SHORT.get(name) or (QUANTITIES[name].title if name in QUANTITIES else name)


def quantity_words(name: str, denominator: str) -> str:
    """The quantity with what it is a share of: ``fraction of nuclei``, ``VAF``."""
    if not name:
        return ""
    if name == "cell_fraction" and denominator:
        return f"fraction of {denominator}"
    if name == "normalized_copies":
        return f"copies per {denominator or 'control'} copy"
    return short_quantity(name) + (f" of {denominator}" if denominator else "")


def series_name(series: Series, *, with_assay: bool = True) -> str:
    """Marker, quantity, denominator, assay and tissue, as far as they say something."""
    what = quantity_words(series.quantity, series.denominator) if series.quantity != "analyte" else ""
    parts = [series.label, what]
    if with_assay and series.assay.lower() not in series.label.lower():
        parts.append(series.assay)
    if series.tissue is not Tissue.UNKNOWN:
        parts.append(str(series.tissue))
    return " · ".join(part for part in parts if part)


def sample_time(placed: PlacedSample | None) -> str:
    """``day 17``, ``2021-05`` or ``#3``: as exactly as it is known."""
    if placed is None:
        return "time unknown"
    if placed.day is None:
        return str(placed.info.time)
    if placed.day_low != placed.day_high:
        return f"day {placed.day_low:g} to {placed.day_high:g}"
    return f"day {placed.day:g}"


def sample_when(placed: PlacedSample | None) -> str:
    """``2021-05-12 (day 17)`` where both are known, else as :func:`sample_time`."""
    time = sample_time(placed)
    if placed is None or placed.info.time.first is None or time == str(placed.info.time):
        return time
    return f"{placed.info.time} ({time})"


def sample_name(placed: PlacedSample) -> str:
    """Sample id with phase or label, time and tissue."""
    info = placed.info
    parts = [info.sample, info.label or (str(info.phase).replace("_", " ") if info.phase else ""), sample_when(placed)]
    if info.tissue is not Tissue.UNKNOWN:
        parts.append(str(info.tissue))
    return ", ".join(dict.fromkeys(part for part in parts if part))


def event_time(placed: PlacedEvent, samples: Sequence[PlacedSample]) -> str:
    """``day 38``, ``day -6 to -3``, ``after sample rel``: as exactly as it is known."""
    if placed.day is not None:
        if placed.day_low != placed.day_high:
            return f"day {placed.day_low:g} to {placed.day_high:g}"
        return f"day {placed.day:g}" + (f" to {placed.end_day:g}" if placed.end_day is not None else "")
    if not placed.event.start.is_known:
        return "time unknown"
    when = placed.event.start
    shown = f"{when}, " if when.first is not None or when.day_first is not None else ""
    before = [item.info.sample for item in samples if item.order < placed.order]
    return shown + (f"after sample {before[-1]}" if before else "before the first sample")


def shown_level(level: float | None, item: Observation) -> str:
    """A level for people; analytes as printed, with their unit."""
    if level is None:
        return ""
    if item.quantity == "analyte" or not item.quantity:
        return item.printed
    return format_level(level, item.quantity)


def level_words(point: Point) -> str:
    """``5.9 %``, ``< 0.1 % (not detected)``, ``not detected, limit unknown``, ``detected, no level``."""
    item = point.observation
    if point.status is Status.NOT_EVALUABLE:
        return "not evaluable"
    if item.text and not item.quantity:
        return item.text
    if point.status is Status.NOT_DETECTED:
        if point.bound is not None and item.quantity:
            kept = f"; printed {item.printed}" if item.level else ""
            return f"not detected (< {shown_bound(point.bound, item)}{kept})"
        return f"not detected, limit unknown{f' (printed {item.printed})' if item.level is not None else ''}"
    if point.level is None:
        return "detected, no level"
    below = " (below LOQ)" if point.bound is not None else ""
    return f"{item.comparator}{' ' if item.comparator else ''}{shown_level(point.level, item)}{below}"


def shown_bound(limit: Limit, item: Observation) -> str:
    return f"{limit.value:g}" if item.quantity in {"", "analyte"} else format_level(limit.value, item.quantity)


def observation_words(item: Observation) -> str:
    """The result of an observation outside any series."""
    if item.status is Status.NOT_EVALUABLE:
        return "not evaluable"
    if item.text and not item.quantity:
        return item.text
    if item.status is Status.NOT_DETECTED:
        lod = next((limit for limit in item.limits if limit.kind is not LimitKind.LOQ), None)
        return f"not detected (< {shown_bound(lod, item)})" if lod is not None else "not detected, limit unknown"
    if item.text and item.level is None:
        return item.text
    return (
        f"{item.comparator} {shown_level(item.level, item)}".strip() if item.level is not None else "detected, no level"
    )


def limits_words(item: Observation, bound: Limit | None = None) -> str:
    """All known limits with their source; "unknown" for a miss without any."""
    limits = {limit.kind: limit for limit in item.limits}
    if bound is not None:
        limits.setdefault(bound.kind, bound)
    if not limits:
        return "unknown" if item.status is Status.NOT_DETECTED else ""
    return "; ".join(
        f"{kind.value.upper() if kind is not LimitKind.CUTOFF else 'cutoff'} {shown_bound(limits[kind], item)} ({limits[kind].source})"
        for kind in LimitKind
        if kind in limits
    )


def counts_words(counts: Counts) -> str:
    """The numbers behind a level: ``12 of 25,000 reads``."""
    parts: list[str] = []
    if counts.alt is not None:
        whole = (
            counts.depth if counts.depth is not None else (counts.alt + counts.ref if counts.ref is not None else None)
        )
        parts.append(f"{counts.alt:,.0f}{f' of {whole:,.0f}' if whole is not None else ''} reads")
    elif counts.depth is not None:
        parts.append(f"depth {counts.depth:,.0f}")
    if counts.junction_reads is not None or counts.spanning_reads is not None:
        pairs = f" + {counts.spanning_reads:,.0f} spanning" if counts.spanning_reads is not None else ""
        parts.append(f"{counts.junction_reads or 0:,.0f} split{pairs} reads")
    for k, n, what in (
        (counts.cells, counts.cells_total, "cells"),
        (counts.events, counts.events_total, "events"),
        (counts.positive_partitions, counts.partitions, "partitions"),
        (counts.copies, counts.control_copies, "control copies"),
    ):
        if k is not None or n is not None:
            parts.append(" of ".join(f"{value:,.0f}" for value in (k, n) if value is not None) + f" {what}")
    return "; ".join(parts)


def interval_words(point: Point) -> str:
    interval = point.interval
    if interval is None or not point.observation.quantity:
        return ""
    low, high = (
        "" if value is None else format_level(value, point.observation.quantity)
        for value in (interval.low, interval.high)
    )
    return f"{low} to {high}"


def reduction_words(found: Reduction | None) -> str:
    """``1.00 log10 below baseline``, ``≥ 2.51 log10 ...``, ``0.30 log10 above baseline``, or why there is none."""
    if found is None:
        return ""
    if found.log10 is None:
        return found.reason
    sign = f"{found.comparator} " if found.comparator else ""
    side = "below" if found.log10 >= 0 else "above"
    if found.log10 < 0 and sign:
        sign = {"≥": "≤ ", "≤": "≥ "}[found.comparator]
    text = f"{sign}{abs(found.log10):.2f} log10 {side} baseline"
    interval = found.interval
    if interval is not None and interval.low is not None and interval.high is not None:
        text += f" (95 % {interval.low:.2f} to {interval.high:.2f})"
    return text


def reduction_figure(found: Reduction | None) -> str:
    """``1.00 (0.92 to 1.09)``, ``≥ 2.51``, or why there is none: short, for a table."""
    if found is None or found.log10 is None:
        return found.reason if found is not None else ""
    interval = found.interval
    text = f"{found.comparator} {found.log10:.2f}".strip()
    if interval is not None and interval.low is not None and interval.high is not None:
        text += f" ({interval.low:.2f} to {interval.high:.2f})"
    return text


def status_words(status: str) -> str:
    """A status of clearance for people; several, joined by "; ", each in words."""
    return "; ".join(dict.fromkeys(_CLEARANCE.get(part, part) for part in status.split("; ") if part))


def clearance_words(found: Clearance) -> str:
    return _CLEARANCE.get(found.status, found.status) or ("never detected" if found.status_reason else "")


def estimate_kind(item: Estimate) -> str:
    """The key of :data:`DEFINITIONS`; projections carry the level in their name."""
    return "projection" if item.name.startswith("day at ") else item.name


def estimate_name(item: Estimate) -> str:
    return _ESTIMATES.get(item.name, item.name.replace("_", " "))


def estimate_words(item: Estimate, quantity_name: str) -> str:
    """``2.70 days (95 % 2.1 to 3.9)``; the reason where there is no value."""
    if item.value is None:
        return f"not assessable: {item.reason}"
    is_level = item.name in {"nadir", "cmax", "clast"} and quantity_name not in {"", "analyte"}
    shown = format_level(item.value, quantity_name) if is_level else f"{item.value:,.4g} {item.unit}".strip()
    if item.name in {"half_life", "doubling_time"}:
        shown = f"{item.value:.2f} {item.unit}"
    if estimate_kind(item) == "projection":
        shown = f"day {item.value:.0f}"
    if item.name in {"best_response", "log10_fall"}:
        shown = f"{item.value:.2f} log10"
    text = f"{item.comparator} {shown}".strip()
    interval = item.interval
    if interval is not None and not is_level and not item.comparator and interval.low is not None:
        text += (
            f" ({interval.low:.3g} to {interval.high:.3g})"
            if interval.high is not None
            else f" (at least {interval.low:.3g})"
        )
    return text


_CATEGORIES = {"F": "favorable", "I": "intermediate", "A": "adverse"}


def category_words(text: str) -> str:
    """A category for people: risk letters as words, ``NA{F,I}`` as ``not assessable (favorable, intermediate)``."""
    stated, sign, convention = text.partition("; conv ")
    if sign:
        return f"{category_words(stated)}, by convention {category_words(convention)}"
    undecided = re.fullmatch(r"NA\{(.*)\}", text)
    if undecided:
        return f"not assessable ({', '.join(category_words(part.strip()) for part in undecided[1].split(','))})"
    return _CATEGORIES.get(text, text.replace("_", " "))


def readable(text: str) -> str:
    """A sentence of a rule with its short forms (``NA{F,I}``) written out."""
    return re.sub(r"NA\{[^{}]*\}", lambda match: category_words(match[0]), text)


def rate_sentences(clearances: Sequence[Clearance]) -> list[str]:
    """Where each series is going: the rate of its last stretch, when it changes at all, and its way to thresholds."""
    sentences = []
    for found in clearances:
        name = series_name(found.series, with_assay=False)
        rates = [item for item in found.estimates if item.name in {"half_life", "doubling_time"}]
        if rates and not rates[-1].warning.endswith("no change"):
            sentences.append(f"{name} {_rate_words(rates[-1])}.")
        for item in found.estimates:
            if estimate_kind(item) == "projection" and item.value is not None:
                line = item.method.split("; ")[0]
                level = item.name.removeprefix("day at ")
                sentences.append(f"{name} would cross {level} on {estimate_words(item, '')} ({line}): {item.warning}.")
    return sentences


def _rate_words(item: Estimate) -> str:
    verb = "halves" if item.name == "half_life" else "doubles"
    within = "within" if item.comparator else "every"
    notes = "; ".join(filter(None, [_interval_words(item), stretch_words(item), item.warning]))
    return f"{verb} {within} {item.value:.3g} days{f' ({notes})' if notes else ''}"


def _interval_words(item: Estimate) -> str:
    interval = item.interval
    if interval is None or interval.low is None or item.comparator:
        return ""
    high = f"to {interval.high:.3g}" if interval.high is not None else "or more"
    return f"95 % {interval.low:.3g} {high}"


def stretch_words(item: Estimate) -> str:
    """The days that a rate is of, and the treatments that start in them: ``days 0 to 60, after 7+3``."""
    days = re.search(r"days -?[\d.]+ to -?[\d.]+", item.method)
    after = item.method.split("; ")[-1]
    return ", ".join(filter(None, [days[0] if days else "", after if after.startswith("after ") else ""]))


# --- the state of a series -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """A series now, compared with its last sample but one and with its baseline, in words."""

    name: str
    marker: str
    now: str
    sample: str
    when: str
    is_latest: bool
    previous: str
    change: str
    baseline: str
    reduction: str
    status: str
    reason: str
    level: str = ""


def state_of(found: Clearance, axis: Axis, kind: MarkerKind | None = None) -> State:
    """Where a series stands: its last result beside the one before and the baseline."""
    series = found.series
    places = {placed.info.sample: placed for placed in axis.samples}
    last = series.points[-1]
    previous = series.points[-2] if len(series.points) > 1 else None
    reduction = next((item for item in reversed(found.reductions) if item.sample == last.sample), None)
    base = found.baseline
    is_base = base is not None and base.sample == last.sample
    return State(
        name=series_name(series),
        marker=series.marker,
        now=level_words(last),
        sample=last.sample,
        when=sample_time(places.get(last.sample)),
        is_latest=bool(axis.samples) and last.sample == axis.samples[-1].info.sample,
        previous=f"{level_words(previous)} (sample {previous.sample})" if previous is not None else "none",
        change=change_words(previous, last, kind),
        baseline=f"{level_words(base)} (sample {base.sample})" if base is not None else "none",
        reduction=_against_baseline(found, reduction, is_base=is_base),
        status=clearance_words(found),
        reason=found.status_reason,
    )


def _against_baseline(found: Clearance, reduction: Reduction | None, *, is_base: bool) -> str:
    if not found.series.quantity:
        return ""
    fall = next((item.value for item in found.estimates if item.name == "log10_fall"), None)
    if fall is not None:
        return f"{fall:.2f} log10 below its peak"
    return "this is the baseline" if is_base else (reduction_words(reduction) or found.reason)


def change_words(previous: Point | None, last: Point, kind: MarkerKind | None = None) -> str:
    """``rose 3.2-fold``, ``fell 10-fold``: only between two levels of one scale.

    Of chimerism the difference is said: from 99.7 % to 97 % of the donor's is a tenfold rise of the patient's.
    """
    if previous is None:
        return ""
    if last.observation.text and not last.observation.quantity:
        return "unchanged" if last.observation.text == previous.observation.text else "changed"
    if previous.level and last.level and Status.NOT_DETECTED not in {previous.status, last.status}:
        if last.observation.quantity in QUANTITIES and not quantity(last.observation.quantity).log_scale:
            difference = last.level - previous.level
            return (
                "unchanged" if difference == 0 else f"{'rose' if difference > 0 else 'fell'} by {abs(difference):.3g}"
            )
        if kind is MarkerKind.CHIMERISM:
            points = 100 * (last.level - previous.level)
            shown = f"{abs(points):.3g} percentage point{'' if f'{abs(points):.3g}' == '1' else 's'}"
            return "unchanged" if abs(points) < 0.005 else f"{'rose' if points > 0 else 'fell'} by {shown}"
        factor = last.level / previous.level
        if 0.995 < factor < 1.005:
            return "unchanged"
        return f"rose {factor:.3g}-fold" if factor > 1 else f"fell {1 / factor:.3g}-fold"
    if previous.status is Status.DETECTED and last.status is Status.NOT_DETECTED:
        return "no longer detected"
    if previous.status is Status.NOT_DETECTED and last.status is Status.DETECTED:
        return "newly detected"
    return {Status.DETECTED: "still detected", Status.NOT_DETECTED: "still not detected"}.get(last.status, "")


def trend_sentences(clearances: Sequence[Clearance], axis: Axis) -> list[str]:
    """The chart in words: one sentence per series."""
    places = {placed.info.sample: placed for placed in axis.samples}
    sentences: list[str] = []
    for found in clearances:
        steps = [f"{level_words(point)} ({sample_time(places.get(point.sample))})" for point in found.series.points]
        shown = steps if len(steps) <= 6 else [*steps[:2], f"{len(steps) - 4} more results", *steps[-2:]]
        ending = f" {clearance_words(found)}." if found.status else ""
        sentences.append(
            f"{series_name(found.series)}: {', then '.join(shown)}.{ending.capitalize() if ending else ''}"
        )
    return sentences


# --- the table of observations ---------------------------------------------------------------------------------------------

#: Columns of the table of observations; the hover text of a point shows the same.
COLUMNS = (
    "Sample",
    "Time",
    "Tissue",
    "Marker",
    "Quantity",
    "Result",
    "95 % interval",
    "As printed",
    "Limits",
    "Counts",
    "log10 reduction",
    "Assay",
    "Technique",
    "Tool",
    "Source",
    "Notes",
)


def cells(
    item: Observation, label: str, placed: PlacedSample | None, point: Point | None, reduction: Reduction | None
) -> tuple[str, ...]:
    """One row of the table of observations, in the order of :data:`COLUMNS`."""
    caller = (
        f"caller's own level {format_level(item.caller_level, item.quantity)}" if item.caller_level is not None else ""
    )
    notes = [*item.filters, *(flag.replace("_", " ") for flag in item.flags), item.formula, caller]
    if item.replicates > 1:
        notes.append(f"{item.replicates} replicates")
    return (
        item.sample,
        sample_when(placed),
        "" if item.tissue is Tissue.UNKNOWN else str(item.tissue),
        label,
        quantity_words(item.quantity, item.denominator),
        level_words(point) if point is not None else observation_words(item),
        interval_words(point) if point is not None else "",
        item.printed,
        limits_words(item, point.bound if point is not None else None),
        counts_words(item.counts),
        reduction_figure(reduction),
        item.assay,
        str(item.technique),
        " ".join(filter(None, [item.tool, item.tool_version])),
        "; ".join(str(origin) for origin in item.origins),
        "; ".join(dict.fromkeys(note for note in notes if note)),
    )


def hover_text(values: Sequence[str], names: Sequence[str] = COLUMNS) -> str:
    """A row as hover text of a figure: the marker in bold, then what is known, escaped."""
    known: Mapping[str, str] = dict(zip(names, values, strict=True))
    lines = [f"<b>{escaped(known['Marker'])}</b>"]
    lines += [f"{name}: {escaped(value)}" for name, value in known.items() if value and name != "Marker"]
    return "<br>".join(lines)


def escaped(text: str) -> str:
    """Text for a plotly label, which reads a subset of HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
