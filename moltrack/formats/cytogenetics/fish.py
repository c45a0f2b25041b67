"""FISH: our own table (probe, percent of nuclei, cutoff, ``nuc ish`` strings) and the TCGA biotab layout.

Units   percent of nuclei, 0 to 100
Cutoff  no default: laboratories and probes differ. A level below a declared cutoff keeps its printed value; the call carries the
        limit and the laboratory's own yes or no wins over it.
Source  ISCN 2020, chapter 13, for ``nuc ish``; columns ``FISH_test_component`` of TCGA clinical biotab files (LAML)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from moltrack.errors import InputError
from moltrack.formats.clinical import own
from moltrack.formats.clinical.names import change_of, copy_number_of, current_symbol, fusion_of, is_gene
from moltrack.formats.clinical.own import Cell, Column, OwnRows, OwnTable, UnclearCell
from moltrack.formats.files import Head
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.iscn import Pattern, Signal, parse_ish
from moltrack.model import (
    Call,
    Change,
    CopyNumber,
    Counts,
    Coverage,
    CoverageScope,
    FileInfo,
    Fusion,
    Printed,
    Record,
    Refused,
    Result,
    Technique,
)
from moltrack.quantity import canonical_level, parse_printed

if TYPE_CHECKING:
    from moltrack.resources import Probe

#: What a level of interphase FISH is a share of.
NUCLEI = "nuclei"

TABLE = OwnTable(
    name="fish",
    title="FISH: one row per probe (or probe set) and sample",
    columns=(
        Column(
            "probe",
            "gene, probe set or event: TP53, TP53/D17Z1, BCR/ABL1, KMT2A, del(5q), +8",
            ("probe_set", "locus", "fish_probe", "sonde", "target", "gene", "gen"),
        ),
        Column(
            "event",
            "what was counted: deletion, gain, amplification, monosomy, trisomy, fusion, break-apart, or del(17p), t(8;21) ...; empty = the usual one of the probe set",
            ("abnormality", "aberration", "finding", "veränderung", "ereignis"),
        ),
        Column(
            "percent",
            "percent of nuclei with it, 0 to 100",
            ("value", "level", "proportion", "prozent", "anteil", "percent_of_nuclei", "wert"),
            numeric=True,
        ),
        Column(
            "cells", "nuclei with it", ("positive_nuclei", "abnormal_nuclei", "nuclei", "kerne", "zellen"), numeric=True
        ),
        Column(
            "cells_total",
            "nuclei scored",
            ("total_nuclei", "nuclei_scored", "scored", "kerne_gesamt", "zellen_gesamt", "n"),
            numeric=True,
        ),
        Column(
            "cutoff",
            "highest percentage that negatives show",
            ("cut_off", "grenzwert", "normal_cutoff", "threshold"),
            numeric=True,
        ),
        own.RESULT,
        Column("pattern", "signal pattern as printed: 1R2G", ("signal_pattern", "signals", "signalmuster")),
        Column(
            "nuc_ish",
            "or the ISCN string: nuc ish(TP53x1,D17Z1x2)[144/200]",
            ("ish", "nucish", "nuc_ish_string", "fish_iscn"),
        ),
        own.ASSAY,
        own.NOTE,
    ),
    needs=(
        frozenset({"probe", "percent"}),
        frozenset({"probe", "cells", "cells_total"}),
        frozenset({"nuc_ish"}),
        frozenset({"probe", "event", "result"}),
    ),
    rules=(
        "percent is always a percentage, with or without %: 0.72 is 0.72 %.",
        "Without a cutoff (here or in the assay sheet) a level above 0 is detected with the note that the cutoff is unknown.",
    ),
    example={
        "sample": "S1",
        "probe": "TP53/D17Z1",
        "event": "deletion",
        "percent": "72",
        "cells": "144",
        "cells_total": "200",
        "cutoff": "5",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)

_FUSION_WORDS = frozenset({"fusion", "translocation", "dual fusion", "dual-fusion", "gene fusion", "translokation"})
_SPLIT_WORDS = frozenset(
    {
        "break-apart",
        "break apart",
        "breakapart",
        "rearrangement",
        "rearranged",
        "split",
        "separation",
        "rearrangement (split)",
        "umlagerung",
    }
)
_WHOLE_WORDS = {
    "monosomy": Change.LOSS,
    "monosomie": Change.LOSS,
    "trisomy": Change.GAIN,
    "trisomie": Change.GAIN,
    "tetrasomy": Change.GAIN,
    "polysomy": Change.GAIN,
}

Finding = Fusion | CopyNumber


def read_fish(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per row, or per signal pattern of a row's ``nuc ish`` string.

    Raises
    ------
    FormatError
        More than 100 %, counts that contradict the percentage, or a probe that is neither a gene nor a known locus.
    """
    rows = own.read_own(path, options, TABLE)
    yield rows.info()
    yield from own.sample_infos(rows.rows)
    for row in rows.rows:
        try:
            yield from _records(row, rows)
        except UnclearCell as unclear:
            yield Refused(row.line, str(unclear))


def _records(row: Row, rows: OwnRows) -> Iterator[Record]:
    result = own.result_of(row, rows)
    cell, counts, formula = _level(row, rows)
    limits = own.limits_of(row, "cell_fraction", "%")
    if not row.text("probe"):
        yield from _from_string(row, rows, result)
        return
    if not cell.states and result is None:
        if row.text("nuc_ish"):
            yield from _from_string(row, rows, result)
        return
    own.refuse_contradiction(row, result, cell)
    pattern = row.text("pattern") or row.text("nuc_ish")
    yield Call(
        finding=finding_of(row, row.text("probe"), row.text("event")),
        line=row.line,
        result=own.settled(result, cell),
        levels=(cell.printed,) if cell.printed is not None else (),
        counts=counts,
        limits=limits,
        formula=formula,
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=Technique.FISH,
        notes=own.notes_of(row) + _either(row.text("event") or row.text("probe")),
        extra=((("pattern", pattern),) if pattern else ()) + rows.extra(row),
    )


def _level(row: Row, rows: OwnRows) -> tuple[Cell, Counts, str]:
    """The row's level and counts; a level is computed from the counts where none is printed."""
    cell = own.value_of(
        row, rows, "percent", "cell_fraction", unit="" if "/" in row.raw("percent") else "%", denominator=NUCLEI
    )
    cells, total = row.count("cells"), row.count("cells_total")
    if cells is not None and total is not None:
        if total == 0:
            raise row.error("scored 0 nuclei.", advice="Write 'not evaluable' as result and leave the counts empty.")
        if cells > total:
            raise row.error(f"counts {cells} of {total} nuclei.")
        computed = Decimal(cells) / Decimal(total)
        if cell.printed is not None and cell.printed.value is not None:
            printed = cell.printed.value / (100 if cell.printed.unit == "%" else 1)
            if abs(printed - computed) > Decimal("0.01"):
                raise row.error(
                    f"states {cell.printed.text} but counts {cells}/{total} nuclei.", advice="Correct one of them."
                )
        elif not cell.states:
            return (
                Cell(Printed("cell_fraction", computed, "fraction", f"{cells}/{total}", "", NUCLEI)),
                Counts(cells=cells, cells_total=total),
                "cells / cells_total",
            )
    return cell, Counts(cells=cells, cells_total=total), ""


# --- what a probe and an event are ------------------------------------------------------------------------------------


def finding_of(row: Row, probe: str, event: str) -> Finding:
    """The finding that a probe (set) shows when the event is counted.

    Raises
    ------
    FormatError
        The probe is neither a gene nor a locus that is known, or it does not say what was counted.
    """
    word = event.strip().lower()
    if word in _FUSION_WORDS:
        return _dual_fusion(row, probe)
    if word in _SPLIT_WORDS:
        return _break_apart(row, probe)
    if word in _WHOLE_WORDS:
        chrom = _chromosome_of(probe)
        if not chrom:
            raise row.error(
                f"column 'probe' holds '{probe}', whose chromosome is not known.",
                advice="Write the event with its number: monosomy 7.",
            )
        return CopyNumber(_WHOLE_WORDS[word], chrom=chrom, probe=probe, nomenclature=f"{word} {chrom}")
    if (change := change_of(word)) is not None:
        return _copy_number(row, probe, change)
    if event:
        found = copy_number_of(event) or own.checked(row, "event", fusion_of, event) or _named_lesion(event)
        if found is None:
            raise row.error(
                f"column 'event' holds '{event}'.",
                advice="Write deletion, gain, amplification, monosomy, trisomy, fusion or break-apart.",
            )
        return _with_probe(found, probe)
    return _usual(row, probe)


def _usual(row: Row, probe: str) -> Finding:
    """What a probe (set) is made to show, when the row does not say what was counted."""
    if (change := copy_number_of(probe)) is not None:
        return _with_probe(change, probe)
    design = _design(probe)
    if design == "break_apart":
        return _break_apart(row, probe)
    fusion = own.checked(row, "probe", fusion_of, probe)
    if fusion is not None and design != "enumeration":
        return _unordered(fusion)
    if (lesion := _named_lesion(probe)) is not None:
        return lesion
    if design or is_gene(probe) or _locus_names(probe):
        raise row.error(
            f"does not say what was counted with the probe '{probe}'.",
            advice="Fill in 'event' (deletion, gain, fusion, break-apart ...).",
        )
    raise row.error(
        f"column 'probe' holds '{probe}', which is neither a gene nor a probe that is known.",
        advice="Write the HGNC symbol, or the event (del(5q), +8).",
    )


def _named_lesion(text: str) -> Fusion | None:
    """``t(8;21)``, ``inv(16)`` ... as the gene pair that the lesion stands for."""
    from moltrack import resources

    wanted = text.replace(" ", "").lower()
    for lesion in resources.lesions().values():
        if (
            lesion.pairs
            and any(
                name.replace(" ", "").lower().startswith(wanted)
                for name in (*lesion.iscn, *lesion.aliases, lesion.label)
            )
            and "(" in wanted
        ):
            one, two = lesion.pairs[0]
            return Fusion(one, two, ordered=False)
    return None


def _with_probe(found: Finding, probe: str) -> Finding:
    if isinstance(found, Fusion):
        return _unordered(found)
    return replace(found, probe=probe)


def _unordered(fusion: Fusion) -> Fusion:
    """Dual-fusion signals tell that two genes meet, not which of them is 5'."""
    return replace(fusion, ordered=False)


def _dual_fusion(row: Row, probe: str) -> Fusion:
    fusion = own.checked(row, "probe", fusion_of, probe) or _named_lesion(probe)
    if fusion is None:
        raise row.error(
            f"column 'probe' holds '{probe}', which is not a pair of known genes.", advice="Write both genes: BCR/ABL1."
        )
    return _unordered(fusion)


def _break_apart(row: Row, probe: str) -> Fusion:
    gene = probe.removesuffix(" break-apart").removesuffix(" break apart").removesuffix(" BA").strip()
    symbol = current_symbol(gene)
    if not symbol:
        raise row.error(
            f"column 'probe' holds '{probe}', which is not a gene that is known.",
            advice="Write the HGNC symbol of the rearranged gene.",
        )
    return Fusion(gene if _is_symbol(gene) else symbol, "", ordered=False, rearranged_only=True)


def _is_symbol(name: str) -> bool:
    from moltrack import resources

    return bool(resources.gene_symbol(name))


def _copy_number(row: Row, probe: str, change: Change) -> CopyNumber:
    """A gain or loss of the probe's target: a gene, or a locus with its chromosome and band."""
    from moltrack import resources

    target = _target(probe)
    if is_gene(target):
        return CopyNumber(change, gene=target, probe=probe)
    if (locus := resources.loci().get(target.upper())) is not None:
        band = "" if locus.band == "cen" else locus.band
        return CopyNumber(change, chrom=locus.chrom, band_start=band, band_end=band, probe=locus.name)
    if (stretch := copy_number_of(f"{target} {'loss' if change is Change.LOSS else 'gain'}")) is not None:
        return _with_change(stretch, change, probe)
    raise row.error(
        f"column 'probe' holds '{probe}', which is neither a gene nor a probe that is known.",
        advice="Write the HGNC symbol, or the event (del(5q), +8).",
    )


def _with_change(found: CopyNumber, change: Change, probe: str) -> CopyNumber:
    return replace(found, change=change, probe=probe)


def _target(probe: str) -> str:
    """The probe that is looked at: the target of a known set, else the gene before the control."""
    from moltrack import resources

    known = _probe_set(probe)
    if known is not None:
        return known.targets[0]
    parts = [part.strip() for part in probe.replace(",", "/").split("/") if part.strip()]
    genes = [part for part in parts if is_gene(part)]
    return (genes or [part for part in parts if part.upper() in resources.loci()] or [probe])[0]


def _design(probe: str) -> str:
    known = _probe_set(probe)
    return known.design if known is not None else ""


def _probe_set(probe: str) -> Probe | None:
    """The probe set of the references with these names, in any order and spelling."""
    from moltrack import resources

    wanted = _locus_names(probe)
    for known in resources.probes().values():
        if wanted and wanted in (
            _locus_names(known.name),
            frozenset(known.targets),
            frozenset((*known.targets, *known.controls)),
        ):
            return known
    return None


def _locus_names(probe: str) -> frozenset[str]:
    """Current symbols and locus names of a probe set; empty when one of them is unknown."""
    from moltrack import resources

    names = set()
    whole = current_symbol(probe)
    for part in [probe] if whole else probe.replace(",", "/").replace(" and ", "/").split("/"):
        name = part.strip()
        symbol = current_symbol(name) or (
            resources.loci()[name.upper()].name if name.upper() in resources.loci() else ""
        )
        if not symbol:
            return frozenset()
        names.add(symbol)
    return frozenset(names)


def _chromosome_of(probe: str) -> str:
    from moltrack import resources

    target = _target(probe)
    symbol = current_symbol(target)
    gene = resources.gene(symbol) if symbol else None
    if gene is not None:
        return gene.chrom
    locus = resources.loci().get(target.upper())
    if locus is not None:
        return locus.chrom
    return target if target.isdecimal() or target in {"X", "Y"} else ""


# --- nuc ish ----------------------------------------------------------------------------------------------------------


def _from_string(row: Row, rows: OwnRows, result: Result | None) -> Iterator[Record]:
    """The calls and coverage of a ``nuc ish`` string."""
    text = row.need("nuc_ish")
    read = parse_ish(text)
    for problem in read.problems:
        yield Refused(row.line, f"nuc ish: {problem}")
    for pattern in read.patterns:
        findings = findings_of(pattern)
        counts = Counts(cells=pattern.cells, cells_total=pattern.cells_total)
        if not findings:
            for lesion in _lesions_of(pattern):
                yield Coverage(
                    CoverageScope.LESION,
                    row.line,
                    name=lesion,
                    counts=Counts(cells_total=pattern.cells_total),
                    patient=row.text("patient"),
                    sample=row.text("sample"),
                    assay=row.text("assay"),
                    technique=Technique.FISH,
                    note=f"normal signals: {text}",
                )
            continue
        levels: tuple[Printed, ...] = ()
        if pattern.cells is not None and pattern.cells_total:
            printed = f"{pattern.cells}/{pattern.cells_total}"
            levels = (
                Printed(
                    "cell_fraction",
                    Decimal(pattern.cells) / Decimal(pattern.cells_total),
                    "fraction",
                    printed,
                    "",
                    NUCLEI,
                ),
            )
        for finding in findings:
            yield Call(
                finding=finding,
                line=row.line,
                result=result,
                levels=levels,
                counts=counts,
                limits=own.limits_of(row, "cell_fraction", "%"),
                formula="cells / cells_total" if levels else "",
                patient=row.text("patient"),
                sample=row.text("sample"),
                assay=row.text("assay"),
                technique=Technique.FISH,
                notes=own.notes_of(row),
                extra=(("nuc_ish", text), *rows.extra(row)),
            )


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
    for chrom in sorted({_chromosome_of(_bare(name)) for name in changed} - {""}):
        here = [signal.probes[0] for signal in signals if _chromosome_of(_bare(signal.probes[0])) == chrom]
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
            yield _locus_change(_bare(name), change)


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


def _locus_change(name: str, change: Change) -> CopyNumber:
    from moltrack import resources

    if is_gene(name):
        return CopyNumber(change, gene=name, probe=name)
    locus = resources.loci().get(name.upper())
    if locus is None:
        return CopyNumber(change, probe=name)
    band = "" if locus.band == "cen" else locus.band
    return CopyNumber(change, chrom=locus.chrom, band_start=band, band_end=band, probe=locus.name)


def _bare(name: str) -> str:
    """A probe without the mark of its half: ``5'ETV6`` is a probe of ETV6."""
    return name[2:] if name[:2] in {"5'", "3'"} else name


def _lesions_of(pattern: Pattern) -> tuple[str, ...]:
    """Lesions that a probe set with normal signals speaks against."""
    names = {_bare(name) for signal in pattern.signals for name in signal.probes}
    known = _probe_set("/".join(sorted(names)))
    if known is not None:
        return tuple(known.lesions)
    found = [lesion for name in sorted(names) if (one := _probe_set(name)) is not None for lesion in one.lesions]
    return tuple(dict.fromkeys(found))


# --- TCGA biotab ------------------------------------------------------------------------------------------------------

BIOTAB_COLUMNS = ("bcr_patient_barcode", "FISH_test_component", "FISH_test_component_percentage_value")
_ABNORMAL = "fluorescence_in_situ_hybridization_abnormal_result_indicator"


def read_biotab(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per component of TCGA's parallel lists (``PML-RAR|MLL`` / ``95|1``: percent of nuclei).

    The file's one word per patient (abnormal: YES or NO) is kept where it can mean one component only: NO is negative for all,
    YES positive for the only component, or the only one above 0.

    Raises
    ------
    FormatError
        The two lists of a row differ in length, or a percentage is impossible.
    """
    table = read_table(path, required=BIOTAB_COLUMNS, delimiter="\t", limits=options.limits)
    records = [record for row in table.rows for record in _components(row)]
    yield FileInfo(tool="TCGA biotab", rows=len(table.rows), kept=sum(isinstance(record, Call) for record in records))
    yield from records


def _components(row: Row) -> Iterator[Record]:
    names, values = row.text("FISH_test_component"), row.text("FISH_test_component_percentage_value")
    if not names or not values:
        return
    components, levels = names.split("|"), values.split("|")
    if len(components) != len(levels):
        raise row.error(f"lists {len(components)} components but {len(levels)} percentages.")
    printed = [_percentage(row, text) for text in levels]
    above = [level.value is not None and level.value > 0 for level in printed]
    word = row.text(_ABNORMAL).upper()
    for name, level, is_above in zip(components, printed, above, strict=True):
        if name.strip().lower() == "other":
            yield Refused(row.line, f"the FISH component 'Other' ({level.text} %) names no probe.")
            continue
        result = Result.NEGATIVE if word == "NO" else None
        if word == "YES" and is_above and sum(above) == 1:
            result = Result.POSITIVE
        yield Call(
            finding=_usual(row, name.strip().replace("del (", "del(")),
            line=row.line,
            result=result,
            levels=(level,),
            patient=row.need("bcr_patient_barcode"),
            technique=Technique.FISH,
            notes=_either(name),
        )


def _either(name: str) -> tuple[str, ...]:
    """A probe that is reported for two lesions at once (``-7 or del(7q)``) does not tell which."""
    return (f"{name.strip()}: not told which",) if " or " in name else ()


def _percentage(row: Row, text: str) -> Printed:
    try:
        printed = parse_printed(text.strip(), "cell_fraction", unit="%", denominator=NUCLEI)
        canonical_level(printed)
    except InputError as error:
        raise row.error(f"column 'FISH_test_component_percentage_value' holds '{text}': {error.message}") from None
    return printed


def sniff_fish(head: Head) -> Sniff:
    return own.sniff_own(head, TABLE)


def sniff_biotab(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns(*BIOTAB_COLUMNS) else Sniff.NO


FISH = Format(
    name="fish",
    title=TABLE.title,
    family="cytogenetics",
    technique=Technique.FISH,
    sniff=sniff_fish,
    read=read_fish,
    columns_source="moltrack's own table",
    empty=Empty.ASK,
    template=own.template_of(TABLE),
)

BIOTAB = Format(
    name="tcga_fish",
    title="FISH columns of a TCGA clinical biotab table",
    family="cytogenetics",
    technique=Technique.FISH,
    sniff=sniff_biotab,
    read=read_biotab,
    columns_source="TCGA LAML clinical_patient biotab",
    empty=Empty.ASK,
)
