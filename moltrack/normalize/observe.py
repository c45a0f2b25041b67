"""Calls of one marker in one run become observations: status, level, limits, replicates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from moltrack.errors import InputError
from moltrack.model import (
    Assay,
    Call,
    Counts,
    Limit,
    LimitKind,
    Observation,
    Origin,
    Printed,
    PrintedLimit,
    Result,
    Run,
    Status,
    Technique,
    Tissue,
)
from moltrack.normalize.adequacy import pooled_adequacy
from moltrack.quantity import allelic_ratio_from_vaf, canonical_level, rounding_interval, vaf_from_allelic_ratio

#: Flag of a detection by FISH without a declared cutoff; ranges of usual cutoffs differ by laboratory and probe.
CUTOFF_UNKNOWN = "cutoff_unknown"


@dataclass(frozen=True, slots=True)
class RunCall:
    """A call with the run it stands in; ``is_apart`` where its technique is part of the assay's name."""

    run: Run
    call: Call
    is_apart: bool = False

    @property
    def assay(self) -> str:
        """The assay of the observation: two callers in one merged file are two series, and so are two techniques."""
        name = self.run.assay
        if self.call.caller and self.call.caller.lower() not in name.lower():
            name = f"{name}:{self.call.caller.lower()}"
        return f"{name}:{self.technique}" if self.is_apart else name

    @property
    def technique(self) -> Technique:
        return self.call.technique or self.run.technique

    @property
    def origin(self) -> Origin:
        return Origin(self.run.file, self.call.line, self.run.sha256)


def techniques_apart(calls: tuple[RunCall, ...]) -> tuple[RunCall, ...]:
    """Calls of one marker; where those of one sample and assay are of several techniques, each technique gets a name of its own.

    A table without assays may hold a duplication by fragment analysis and by sequencing: these are no replicates. A call that
    states no technique keeps the plain name. :func:`series_apart` does the same from sample to sample.
    """
    found: dict[tuple[str, str], set[Technique]] = {}
    for item in calls:
        if item.technique is not Technique.UNKNOWN:
            found.setdefault((item.run.sample, item.assay), set()).add(item.technique)
    mixed = {key for key, techniques in found.items() if len(techniques) > 1}
    if not mixed:
        return calls
    return tuple(
        replace(item, is_apart=(item.run.sample, item.assay) in mixed and item.technique is not Technique.UNKNOWN)
        for item in calls
    )


def names_of(assay: str, technique: Technique) -> tuple[str, str]:
    """What a user may call an assay: its name, and its name with the technique, whether or not others share the name."""
    return assay, f"{assay}:{technique}"


def plain_assay(item: Observation) -> str:
    """The name of its assay without the technique."""
    return item.assay.removesuffix(f":{item.technique}")


def series_apart(observations: Sequence[Observation]) -> list[Observation]:
    """Observations whose assays are of one technique each for a marker: where samples differ, the technique joins the name.

    Blasts by morphology in one sample and by flow cytometry in the next are no series, whatever table they stand in. An
    observation that states no technique keeps the plain name.
    """
    found: dict[tuple[str, str], set[Technique]] = {}
    for item in observations:
        if item.technique is not Technique.UNKNOWN:
            found.setdefault((item.marker, plain_assay(item)), set()).add(item.technique)
    mixed = {key for key, techniques in found.items() if len(techniques) > 1}
    if not mixed:
        return list(observations)
    return [
        replace(item, assay=names_of(plain_assay(item), item.technique)[1])
        if item.technique is not Technique.UNKNOWN and (item.marker, plain_assay(item)) in mixed
        else item
        for item in observations
    ]


def canonical_limits(call: Call, assay: Assay | None, quantity: str) -> tuple[Limit, ...]:
    """The declared limits of a quantity: the row's own before the assay's, one of each kind."""
    found: dict[LimitKind, Limit] = {}
    sources = [(limit, "printed in the row") for limit in call.limits]
    sources += [(limit, f"declared for assay {assay.id}") for limit in assay.limits] if assay else []
    for limit, source in sources:
        value = canonical_level(limit.value)
        if limit.kind not in found and value is not None and limit.value.quantity == (quantity or limit.value.quantity):
            found[limit.kind] = Limit(limit.kind, value, source)
    for limit, source in sources:
        if limit.kind not in found and (carried := _carried(limit, quantity)) is not None:
            found[limit.kind] = Limit(limit.kind, carried, f"{source} as {limit.value.quantity} {limit.value.text}")
    return tuple(sorted(found.values(), key=lambda limit: limit.kind))


def _carried(limit: PrintedLimit, quantity: str) -> float | None:
    """A VAF limit as allelic ratio, or the other way round; None for every other pair of scales."""
    value = canonical_level(limit.value)
    if value is None:
        return None
    if (limit.value.quantity, quantity) == ("vaf", "allelic_ratio"):
        return allelic_ratio_from_vaf(value)
    if (limit.value.quantity, quantity) == ("allelic_ratio", "vaf"):
        return vaf_from_allelic_ratio(value)
    return None


def limit_of(limits: Iterable[Limit], kind: LimitKind) -> float | None:
    return next((limit.value for limit in limits if limit.kind is kind), None)


def status_of(
    call: Call, level: float | None, comparator: str, limits: Sequence[Limit], technique: Technique
) -> tuple[Status, tuple[str, ...]]:
    """What a call says of its marker, and the flags of that reading.

    The file's own yes or no wins; of positive partitions that are merely counted, those up to a declared cutoff (the limit of
    blank of the assay) are no detection. Otherwise a level up to the cutoff (the highest value of negatives, FISH) or below the LOD
    is ``not_detected`` with the printed value kept; above it ``detected``; ``<x`` is ``not_detected`` at x.
    """
    flags: list[str] = []
    known = {limit.kind: limit.value for limit in reversed(limits)}
    cutoff, lod, loq = known.get(LimitKind.CUTOFF), known.get(LimitKind.LOD), known.get(LimitKind.LOQ)
    if call.result is Result.NOT_EVALUABLE:
        return Status.NOT_EVALUABLE, ()
    if call.result is Result.NEGATIVE:
        return Status.NOT_DETECTED, ()
    if call.result is Result.POSITIVE:
        if _is_count(call) and cutoff is not None and level is not None and level <= cutoff:
            return Status.NOT_DETECTED, ("below_cutoff",)
        if level is not None and (comparator in {"<", "<="} or (loq is not None and level < loq)):
            flags.append("below_loq")
        if technique is Technique.FISH and cutoff is None and level is not None:
            flags.append(CUTOFF_UNKNOWN)
        return Status.DETECTED, tuple(flags)
    if level is None:
        has_evidence = bool(call.counts.junction_reads or call.counts.spanning_reads or call.counts.alt)
        has_counts = any(number is not None for number in call.counts.values())
        return (Status.DETECTED if has_evidence or not has_counts else Status.NOT_DETECTED), ()
    if comparator in {"<", "<="} or level == 0:
        return Status.NOT_DETECTED, ()
    if cutoff is not None and level <= cutoff:
        return Status.NOT_DETECTED, ("below_cutoff",)
    if lod is not None and level < lod:
        return Status.NOT_DETECTED, ("below_lod",)
    if technique is Technique.FISH and cutoff is None:
        flags.append(CUTOFF_UNKNOWN)
    if loq is not None and level < loq:
        flags.append("below_loq")
    return Status.DETECTED, tuple(flags)


def _is_count(call: Call) -> bool:
    """True where positive means that some partitions were: nobody has judged that."""
    return call.counts.positive_partitions is not None


def sum_known(numbers: Iterable[float | None]) -> float | None:
    """The sum; None when one of them is not known."""
    found = tuple(numbers)
    return None if None in found else float(sum(found))  # type: ignore[arg-type]


def sum_counts(counts: Sequence[Counts]) -> Counts:
    """Field by field; a field that any replicate lacks stays unknown."""

    columns = zip(*(item.values() for item in counts), strict=True)
    return Counts(*(sum_known(column) for column in columns))


#: Numerator and denominator whose sums give the level of replicates, by quantity.
_POOLED = {
    "vaf": ("alt", "depth"),
    "cell_fraction": ("cells", "cells_total"),
    "normalized_copies": ("copies", "control_copies"),
}


def pooled_level(quantity: str, calls: Sequence[RunCall], levels: Sequence[float]) -> tuple[float, str]:
    """The level of replicates and how it was made: counts summed where all print them, else the median."""
    if len(levels) == 1:
        return levels[0], ""
    numerator, denominator = _POOLED.get(quantity, ("", ""))
    if numerator:
        above = sum_known(getattr(item.call.counts, numerator) for item in calls)
        below = sum_known(getattr(item.call.counts, denominator) for item in calls)
        if above is not None and below:
            return above / below, f"sum of {numerator} / sum of {denominator} over {len(levels)} replicates"
    from statistics import median  # not above: it takes long to load

    return float(median(levels)), f"median of {len(levels)} replicates"


def replicate_status(statuses: Sequence[Status], rule: str) -> Status:
    """k of n: ``2/3`` = detected when at least 2 are; "" = any. Replicates that failed do not count."""
    evaluable = [status for status in statuses if status is not Status.NOT_EVALUABLE]
    if not evaluable:
        return Status.NOT_EVALUABLE
    match = re.fullmatch(r"(\d+)\s*(?:/|of)\s*(\d+)", rule)
    needed = int(match[1]) if match and len(evaluable) > 1 else 1
    detected = sum(status is Status.DETECTED for status in evaluable)
    return Status.DETECTED if detected >= needed else Status.NOT_DETECTED


def observe(
    marker: str,
    calls: Sequence[RunCall],
    *,
    assays: dict[str, Assay],
    tissues: dict[str, Tissue],
    extra_flags: Sequence[str] = (),
) -> list[Observation]:
    """Observations of one marker in one run (same sample and assay): one per quantity that its calls print.

    A call without level gives an observation without quantity, unless another call of the run has one.
    """
    assay = assays.get(calls[0].run.assay) or assays.get(calls[0].assay)
    printed_by_quantity: dict[tuple[str, str], list[tuple[RunCall, Printed]]] = {}
    for item in calls:
        for printed in item.call.levels:
            printed_by_quantity.setdefault((printed.quantity, printed.denominator), []).append((item, printed))
    observations = [
        _observation(marker, quantity, denominator, entries, assay, tissues, extra_flags)
        for (quantity, denominator), entries in printed_by_quantity.items()
    ]
    bare = [item for item in calls if not item.call.levels]
    if bare and not observations:
        observations.append(_bare_observation(marker, bare, assay, tissues, extra_flags))
    return observations + [vaf for item in observations if (vaf := vaf_of_ratio(item, observations))]


def _observation(
    marker: str,
    quantity: str,
    denominator: str,
    entries: Sequence[tuple[RunCall, Printed]],
    assay: Assay | None,
    tissues: dict[str, Tissue],
    extra_flags: Sequence[str],
) -> Observation:
    first = entries[0][0]
    limits = canonical_limits(first.call, assay, quantity)
    levels: list[float] = []
    statuses: list[Status] = []
    flags: list[str] = list(extra_flags)
    comparators: set[str] = set()
    used: list[RunCall] = []
    for item, printed in entries:
        level = _canonical(item, printed)
        status, more = status_of(item.call, level, printed.comparator, limits, item.technique)
        is_word = item.call.result is not None and not _is_count(item.call)
        if status is Status.DETECTED and not is_word and (below := _below_a_limit(item, assay)):
            status, more = Status.NOT_DETECTED, below
        statuses.append(status)
        flags += [*more, *_flags_of(item, quantity)]
        if level is not None:
            levels.append(level)
            used.append(item)
            comparators.add(printed.comparator)
    status = replicate_status(statuses, assay.detected_k_of_n if assay else "")
    level, how = pooled_level(quantity, used, levels) if levels else (None, "")
    comparator = comparators.pop() if len(comparators) == 1 else ""
    if status is Status.NOT_DETECTED and comparator in {"<", "<="} and level is not None:
        if limit_of(limits, LimitKind.LOD) is None:
            limits = (*limits, Limit(LimitKind.LOD, level, "printed as <"))
        level = None
    if status is Status.DETECTED and level == 0:
        level = None
    return Observation(
        patient=first.run.patient,
        sample=first.run.sample,
        marker=marker,
        assay=first.assay,
        technique=first.technique,
        tissue=tissues.get(first.run.sample, Tissue.UNKNOWN),
        status=status,
        part=first.run.part,
        quantity=quantity,
        denominator=denominator,
        level=level,
        comparator=comparator,
        printed="; ".join(dict.fromkeys(_shown(printed) for _, printed in entries)),
        formula=how or first.call.formula,
        counts=sum_counts([item.call.counts for item, _ in entries]) if len(entries) > 1 else first.call.counts,
        limits=limits,
        caller_level=canonical_level(first.call.caller_level)
        if first.call.caller_level and len(entries) == 1
        else None,
        filters=tuple(sorted({name for item, _ in entries for name in item.call.filters})),
        flags=_unique(flags),
        replicates=len(entries),
        tool=first.run.tool,
        tool_version=first.run.tool_version,
        origins=_origins(item for item, _ in entries),
        adequacy=pooled_adequacy(item.call for item, _ in entries),
    )


def _below_a_limit(item: RunCall, assay: Assay | None) -> tuple[str, ...]:
    """The flag of a call that one of its levels puts below a limit: its other levels (AR beside VAF) are no detection then."""
    for printed in item.call.levels:
        limits = canonical_limits(item.call, assay, printed.quantity)
        status, flags = status_of(item.call, _canonical(item, printed), printed.comparator, limits, item.technique)
        if status is Status.NOT_DETECTED and flags:
            return flags
    return ()


def _bare_observation(
    marker: str, calls: Sequence[RunCall], assay: Assay | None, tissues: dict[str, Tissue], extra_flags: Sequence[str]
) -> Observation:
    first = calls[0]
    limits = canonical_limits(first.call, assay, "")
    read = [status_of(item.call, None, "", limits, item.technique) for item in calls]
    return Observation(
        patient=first.run.patient,
        sample=first.run.sample,
        marker=marker,
        assay=first.assay,
        technique=first.technique,
        tissue=tissues.get(first.run.sample, Tissue.UNKNOWN),
        status=replicate_status([status for status, _ in read], assay.detected_k_of_n if assay else ""),
        part=first.run.part,
        printed=str(first.call.result or ""),
        counts=sum_counts([item.call.counts for item in calls]) if len(calls) > 1 else first.call.counts,
        limits=limits,
        filters=tuple(sorted({name for item in calls for name in item.call.filters})),
        flags=_unique(
            [
                *extra_flags,
                *(flag for _, more in read for flag in more),
                *(flag for item in calls for flag in _flags_of(item, "")),
            ]
        ),
        replicates=len(calls),
        tool=first.run.tool,
        tool_version=first.run.tool_version,
        origins=_origins(calls),
        adequacy=pooled_adequacy(item.call for item in calls),
    )


def vaf_of_ratio(item: Observation, others: Sequence[Observation]) -> Observation | None:
    """The VAF that an allelic ratio corresponds to, as its own observation; None when a VAF was printed beside it.

    VAF = AR / (1 + AR): both scales are shown, never mixed. The limits convert the same way.
    """
    if item.quantity != "allelic_ratio" or any(other.quantity == "vaf" for other in others):
        return None
    if item.level is None and not item.limits:
        return None
    return replace(
        item,
        quantity="vaf",
        level=None if item.level is None else vaf_from_allelic_ratio(item.level),
        formula="VAF = AR / (1 + AR)",
        limits=tuple(replace(limit, value=vaf_from_allelic_ratio(limit.value)) for limit in item.limits),
        caller_level=None,
        flags=_unique([*item.flags, "computed_from_ar"]),
    )


def _canonical(item: RunCall, printed: Printed) -> float | None:
    try:
        return canonical_level(printed)
    except InputError as error:
        raise InputError(error.message, path=item.run.file, line=item.call.line or None, advice=error.advice) from None


def _flags_of(item: RunCall, quantity: str) -> list[str]:
    """Flags that a call's technique, filter and notes give its observation."""
    flags = ["filtered"] if item.call.filters else []
    if quantity == "allelic_ratio" and item.technique in {Technique.DNA_SEQUENCING, Technique.RNA_SEQUENCING}:
        flags.append("ar_from_ngs")
    if quantity == "allelic_ratio":
        for printed in item.call.levels:
            low, high = rounding_interval(printed) if printed.quantity == quantity else (math.nan, math.nan)
            # A cut-off of 0.5 that the printed digits cannot settle (Döhner, Blood 2017;129:424: low < 0.5, high >= 0.5).
            if low < 0.5 < high and printed.value is not None and canonical_level(printed) != 0.5:
                flags.append("ar_rounding")
    if item.technique is Technique.FISH:
        flags.append("by_fish")
    if item.technique is Technique.ARRAY:
        flags.append("by_array")
    return flags + [note for note in item.call.notes if note]


def _shown(printed: Printed) -> str:
    if printed.unit and printed.unit not in {"fraction", "ratio"} and printed.unit not in printed.text:
        return f"{printed.text} {printed.unit}"
    return printed.text


def _unique(flags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flags))


def _origins(calls: Iterable[RunCall]) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(item.origin for item in calls))
