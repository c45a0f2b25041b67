"""Coverage of neighbouring stretches as one, so that a genome's depth does not become millions of records."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from moltrack.model import Coverage, CoverageScope, Record

#: Neighbours are joined while their depth lies in one of these classes (1-2, 2-5, 5-10, 10-20 ...).
_CLASSES = [0, *(step * 10**power for power in range(7) for step in (1, 2, 5))]


def joined(records: Iterable[Record]) -> Iterator[Record]:
    """The records, with touching regions of one class of depth joined; the smallest depth stands for all of them."""
    open_region: Coverage | None = None
    for record in records:
        if isinstance(record, Coverage) and record.scope is CoverageScope.REGION and record.counts.depth is not None:
            if open_region is not None and _touch(open_region, record):
                open_region = _join(open_region, record)
                continue
            if open_region is not None:
                yield open_region
            open_region = record
        else:
            if open_region is not None and not isinstance(record, Coverage):
                yield open_region
                open_region = None
            yield record
    if open_region is not None:
        yield open_region


def _touch(before: Coverage, after: Coverage) -> bool:
    return (before.chrom, before.end, before.name, _class(before)) == (
        after.chrom,
        after.start,
        after.name,
        _class(after),
    )


def _class(region: Coverage) -> int:
    return bisect_right(_CLASSES, region.counts.depth or 0)


def _join(before: Coverage, after: Coverage) -> Coverage:
    depth = min(before.counts.depth or 0, after.counts.depth or 0)
    return replace(
        before, end=after.end, counts=replace(before.counts, depth=depth), note="smallest depth of the stretch"
    )
