"""Signal patterns of ``nuc ish`` strings as findings, and as evidence of absence where they are normal.

Source: ISCN 2020, chapter 13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from moltrack import iscn
from moltrack.formats.clinical.names import is_gene
from moltrack.formats.cytogenetics.printout import Printout
from moltrack.formats.cytogenetics.probes import Finding, chromosome_of, probe_set
from moltrack.iscn import Ish, Pattern, Signal
from moltrack.model import (
    Call,
    Change,
    CopyNumber,
    Counts,
    Coverage,
    CoverageScope,
    Fusion,
    Printed,
    Record,
    Refused,
    Technique,
)

#: What a level of interphase FISH is a share of.
NUCLEI = "nuclei"


def records_of(read: Ish, beside: Printout) -> Iterator[Record]:
    """The calls of the patterns that are not normal, and what normal ones speak against; words not understood are refused."""
    for problem in read.problems:
        yield Refused(beside.line, f"nuc ish: {problem}")
    for pattern in read.patterns:
        findings: tuple[Finding, ...] = findings_of(pattern)
        if not findings and pattern.event:
            findings = _rearranged(pattern.event)
            if not findings:
                yield Refused(
                    beside.line, f"ish: what '{pattern.event}' means is not known; write the probe and what was seen."
                )
                continue
        if not findings:
            yield from _absence(pattern, beside, read.text)
            continue
        levels = _levels(pattern)
        for finding in findings:
            yield Call(
                finding=finding,
                line=beside.line,
                result=beside.result,
                levels=levels,
                counts=Counts(cells=pattern.cells, cells_total=pattern.cells_total),
                limits=beside.limits,
                formula="cells / cells_total" if levels else "",
                patient=beside.patient,
                sample=beside.sample,
                assay=beside.assay,
                technique=Technique.FISH,
                notes=beside.notes,
                extra=beside.extra,
            )


def _rearranged(event: str) -> tuple[Finding, ...]:
    """The fusion that a metaphase result is printed on: ``t(9;22)(q34;q11.2)``, or ``inv(16)(p13.1)(q22)`` with probes between."""
    from moltrack import resources

    kind, *groups = re.findall(r"[^()]+", event)
    bands = (";" if ";" in groups[0] else "").join(groups[1:])
    written = f"{kind}({groups[0]})" + (f"({bands})" if bands else "")
    stated = [lesion for finding in iscn.parse(f"46,XX,{written}").findings for lesion in finding.lesions]
    pairs = [resources.lesions()[name].pairs for name in stated if name in resources.lesions()]
    return tuple(Fusion(*pair[0], ordered=False) for pair in pairs if pair)


def _absence(pattern: Pattern, beside: Printout, text: str) -> Iterator[Coverage]:
    for lesion in lesions_of(pattern):
        yield Coverage(
            CoverageScope.LESION,
            beside.line,
            name=lesion,
            counts=Counts(cells_total=pattern.cells_total),
            patient=beside.patient,
            sample=beside.sample,
            assay=beside.assay,
            technique=Technique.FISH,
            note=f"normal signals: {text}",
        )


def _levels(pattern: Pattern) -> tuple[Printed, ...]:
    if pattern.cells is None or not pattern.cells_total:
        return ()
    share = Decimal(pattern.cells) / Decimal(pattern.cells_total)
    return (Printed("cell_fraction", share, "fraction", f"{pattern.cells}/{pattern.cells_total}", "", NUCLEI),)


def findings_of(pattern: Pattern) -> tuple[Finding, ...]:
    """What a signal pattern deviates from two copies of each probe in; empty = a normal pattern.

    Probes of one chromosome that all change the same way are a change of the whole chromosome; extra signals of genes whose
    fusion is seen belong to the fusion.
    """
    joined = [signal for signal in pattern.signals if signal.relation]
    found: list[Finding] = list(_fusions(joined, pattern.signals))
    fused = {_bare(name) for signal in joined for name in signal.probes}
    counted = [
        signal
        for signal in pattern.signals
        if not signal.relation and not {_bare(name) for name in signal.probes} & fused
    ]
    return (*found, *_changes(counted))


def _fusions(joined: Iterable[Signal], signals: tuple[Signal, ...]) -> Iterator[Fusion]:
    for signal in joined:
        names = [_bare(name) for name in signal.probes]
        if len(set(names)) == 2 and signal.relation == "con" and signal.copies != 0 and signal.present is not False:
            yield Fusion(names[0], names[1], ordered=False)
        elif len(set(names)) == 1 and _is_split(signal, signals):
            yield Fusion(names[0], "", ordered=False, rearranged_only=True)


def _is_split(signal: Signal, signals: tuple[Signal, ...]) -> bool:
    """A break-apart probe is split when its halves are seen apart, or fewer fusion signals than halves."""
    if signal.relation == "sep":
        return signal.copies != 0
    halves = [s.copies for s in signals if not s.relation and s.probes[0] in signal.probes and s.copies is not None]
    return bool(halves) and signal.copies is not None and signal.copies < max(halves)


def _changes(signals: list[Signal]) -> Iterator[CopyNumber]:
    changed = {signal.probes[0]: change for signal in signals if (change := _change(signal)) is not Change.NORMAL}
    whole: set[str] = set()
    for chrom in sorted({chromosome_of(_bare(name)) for name in changed} - {""}):
        here = [signal.probes[0] for signal in signals if chromosome_of(_bare(signal.probes[0])) == chrom]
        changes = {changed.get(name, Change.NORMAL) for name in here}
        if len(here) > 1 and len(changes) == 1 and (change := changes.pop()) in {Change.LOSS, Change.GAIN}:
            whole |= set(here)
            yield CopyNumber(
                change,
                chrom=chrom,
                probe="/".join(here),
                nomenclature=f"{'-' if change is Change.LOSS else '+'}{chrom}",
            )
    for name, change in changed.items():
        if name not in whole:
            yield _locus_change(_bare(name), change, _written(signals))


def _change(signal: Signal) -> Change:
    if signal.mark == "amp":
        return Change.AMPLIFICATION
    if signal.mark == "dim":
        return Change.LOSS
    if signal.copies is None:
        return {None: Change.NORMAL, True: Change.NORMAL, False: Change.LOSS}[signal.present]
    high = signal.copies_max if signal.copies_max is not None else signal.copies
    if signal.copies < 2:
        return Change.LOSS
    return Change.GAIN if high > 2 or signal.copies_max is None else Change.NORMAL


def _written(signals: Iterable[Signal]) -> str:
    """The counted signals one by one: whether the control is kept decides what a loss of the target means."""
    counted = [f"{signal.probes[0]}x{signal.copies}" for signal in signals if signal.copies is not None]
    return f"nuc ish({','.join(counted)})" if counted else ""


def _locus_change(name: str, change: Change, written: str) -> CopyNumber:
    from moltrack import resources

    if is_gene(name):
        return CopyNumber(change, gene=name, probe=name, nomenclature=written)
    locus = resources.loci().get(name.upper())
    if locus is None:
        return CopyNumber(change, probe=name, nomenclature=written)
    band = "" if locus.band == "cen" else locus.band
    return CopyNumber(change, chrom=locus.chrom, band_start=band, band_end=band, probe=locus.name, nomenclature=written)


def _bare(name: str) -> str:
    """A probe without the mark of its half: ``5'ETV6`` is a probe of ETV6."""
    return name[2:] if name[:2] in {"5'", "3'"} else name


def lesions_of(pattern: Pattern) -> tuple[str, ...]:
    """Lesions that a probe set with normal signals speaks against."""
    names = {_bare(name) for signal in pattern.signals for name in signal.probes}
    known = probe_set("/".join(sorted(names)))
    if known is not None:
        return tuple(known.lesions)
    found = [lesion for name in sorted(names) if (one := probe_set(name)) is not None for lesion in one.lesions]
    return tuple(dict.fromkeys(found))
