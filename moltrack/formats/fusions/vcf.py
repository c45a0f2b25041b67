"""RNA fusions as VCF: nf-core/rnafusion (vcf_collect) and FusionCatcher.

nf-core/rnafusion
    One record per junction, no mate. The header swaps DV and RV: the program writes FusionInspector's junction reads as DV
    and its spanning fragments as RV, and fills 0 where FusionInspector has no count. FFPM is FusionInspector's too and says
    nothing of a fusion that STAR-Fusion did not find. GRCh38 only.
FusionCatcher
    Two records per junction (``END=5``, ``END=3``) joined by ``EVENT``, no sample column; SR crosses the junction, SP spans.

Source  nf-core/rnafusion ``bin/vcf_collect.py``; FusionCatcher manual
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from moltrack.errors import InputError
from moltrack.formats.files import Head, read_text
from moltrack.formats.fusions.partners import breakpoint_of, frame, partner, tandem, words
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import MISSING
from moltrack.model import Breakpoint, Call, Counts, FileInfo, Fusion, Printed, Record, Refused, Result, Technique
from moltrack.quantity import parse_number

_MATE = re.compile(r"[\[\]](?P<chrom>.+):(?P<pos>\d+)[\[\]]")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One record: fixed columns, INFO and the only sample's FORMAT values."""

    line: int
    chrom: str
    pos: str
    alt: str
    filters: tuple[str, ...]
    info: Mapping[str, str]
    values: Mapping[str, str]

    def text(self, key: str) -> str:
        value = self.info.get(key, "")
        return "" if value.lower() in MISSING or value == "[]" else value

    def count(self, key: str, values: Mapping[str, str]) -> int | None:
        value = values.get(key, "")
        if value.lower() in MISSING:
            return None
        if not value.isdecimal():
            raise InputError(f"{key} holds '{value}', expected a number of reads.")
        return int(value)

    def mate(self) -> tuple[str, str]:
        match = _MATE.search(self.alt)
        return (match["chrom"], match["pos"]) if match else ("", "")


def _entries(path: Path, options: ReadOptions) -> tuple[list[str], str, list[_Entry | Refused]]:
    """Header lines, the sample's name ("" = none) and the records."""
    header: list[str] = []
    sample = ""
    entries: list[_Entry | Refused] = []
    for number, line in enumerate(read_text(path, limits=options.limits).split("\n"), start=1):
        if line.startswith("#"):
            header.append(line)
            cells = line.split("\t")
            if cells[0] == "#CHROM" and len(cells) > 9:
                sample = cells[9]
        elif line.strip():
            cells = line.split("\t")
            if len(cells) < 8:
                entries.append(Refused(number, f"has {len(cells)} columns, a VCF record has at least 8."))
                continue
            info = {key: value for key, _, value in (item.partition("=") for item in cells[7].split(";"))}
            values = dict(zip(cells[8].split(":"), cells[9].split(":"), strict=False)) if len(cells) > 9 else {}
            entries.append(_Entry(number, cells[0], cells[1], cells[4], words(cells[6]), info, values))
    return header, sample, entries


def _is_vcf(head: Head, *needles: str) -> bool:
    return head.text.startswith("##fileformat=VCF") and all(needle in head.text for needle in needles)


def sniff_rnafusion(head: Head) -> Sniff:
    return (
        Sniff.CERTAIN
        if _is_vcf(head, "##INFO=<ID=GENEA,", "##INFO=<ID=FOUND_DB,", "##INFO=<ID=TOOL_HITS,")
        else Sniff.NO
    )


def sniff_fusioncatcher(head: Head) -> Sniff:
    return Sniff.CERTAIN if _is_vcf(head, "##source=fusioncatcher") else Sniff.NO


def read_rnafusion(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per junction; which callers found it is kept as ``FOUND_IN``."""
    _, sample, entries = _entries(path, options)
    build = options.build or "GRCh38"
    evidence = "option" if options.build else "nf-core/rnafusion aligns to GRCh38"
    yield FileInfo(
        tool="rnafusion",
        build=build,
        build_evidence=evidence,
        samples=(sample,) if sample else (),
        header_only=not entries,
        rows=len(entries),
    )
    for entry in entries:
        if isinstance(entry, Refused):
            yield entry
            continue
        try:
            yield _rnafusion_call(entry, build)
        except InputError as error:
            yield Refused(entry.line, error.message)


def _rnafusion_call(entry: _Entry, build: str) -> Call:
    first, last = partner(entry.text("GENEA")), partner(entry.text("GENEB"))
    if not first.gene or not last.gene:
        raise InputError("GENEA or GENEB is missing.")
    strand5, strand3 = (entry.text("ORIENTATION") + ",").split(",")[:2]
    mate_chrom, mate_pos = entry.mate()
    has_sides = entry.text("CHRA") not in {"", "0"} and entry.text("POSA") not in {"", "0"}
    side5 = (
        breakpoint_of(entry.text("CHRA"), entry.text("POSA"), strand5)
        if has_sides
        else breakpoint_of(entry.chrom, entry.pos, strand5)
    )
    side3 = (
        breakpoint_of(entry.text("CHRB"), entry.text("POSB"), strand3)
        if has_sides
        else breakpoint_of(mate_chrom, mate_pos, strand3)
    )
    junction, spanning = entry.count("DV", entry.values), entry.count("RV", entry.values)
    found_in = entry.text("FOUND_IN")
    notes: list[str] = []
    levels = [Printed("junction_reads", Decimal(junction), "reads", str(junction))] if junction is not None else []
    ffpm = entry.values.get("FFPM", "")
    if ffpm.lower() not in MISSING:
        if "starfusion" in found_in:
            levels.append(Printed("ffpm", parse_number(ffpm), "FFPM", ffpm))
        else:
            notes.append(f"FFPM {ffpm} is not used: STAR-Fusion did not find this fusion")
    counted = (junction or 0) + (spanning or 0) > 0
    if not counted:
        notes.append(f"FusionInspector counted no read; see the files of {found_in or 'the callers'}")
    return Call(
        tandem(
            Fusion(
                first.gene,
                last.gene,
                build=build,
                breakpoint5=side5,
                breakpoint3=side3,
                exon5=_number(entry.text("EXON_NUMBER_A")),
                exon3=_number(entry.text("EXON_NUMBER_B")),
                in_frame=frame(entry.text("FRAME_STATUS")),
            )
        ),
        entry.line,
        result=Result.POSITIVE if counted else Result.NOT_EVALUABLE,
        levels=tuple(levels) if counted else (),
        counts=Counts(junction_reads=junction, spanning_reads=spanning),
        filters=entry.filters,
        notes=tuple(notes),
        extra=tuple((key, text) for key in ("FOUND_IN", "TOOL_HITS", "FOUND_DB", "SCORE") if (text := entry.text(key))),
    )


def _number(text: str) -> str:
    return "" if text in {"0", "0.0"} else text


def read_fusioncatcher(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per junction: the records of its two ends are one event."""
    header, _, entries = _entries(path, options)
    build = options.build or ("GRCh38" if any("GRCh38" in line for line in header) else "")
    events: dict[str, list[_Entry]] = {}
    refused: list[Refused] = []
    for entry in entries:
        if isinstance(entry, Refused):
            refused.append(entry)
        else:
            events.setdefault(entry.info.get("EVENT", f"line {entry.line}"), []).append(entry)
    yield FileInfo(
        tool="fusioncatcher",
        tool_version=next(
            (line.split("_v", 1)[1] for line in header if line.startswith("##source=fusioncatcher_v")), ""
        ),
        build=build,
        build_evidence="option" if options.build else "##reference",
        header_only=not entries,
        rows=len(entries),
        kept=len(events),
    )
    for ends in events.values():
        try:
            yield _fusioncatcher_call(ends, build)
        except InputError as error:
            yield Refused(ends[0].line, error.message)
    yield from refused


def _fusioncatcher_call(ends: list[_Entry], build: str) -> Call:
    if len(ends) > 2 or len({end.info.get("END") for end in ends}) < len(ends):
        raise InputError(f"event '{ends[0].info.get('EVENT')}' has {len(ends)} records, expected a 5' and a 3' end.")
    sides: dict[str, Breakpoint | None] = {}
    for end in ends:
        which, other = (end.info.get("END", ""), "3" if end.info.get("END") == "5" else "5")
        sides[which] = breakpoint_of(end.chrom, end.pos, end.info.get("STRAND", ""))
        sides.setdefault(other, breakpoint_of(*end.mate()))
    one = ends[0]
    if not one.text("GENE5") or not one.text("GENE3"):
        raise InputError("GENE5 or GENE3 is missing.")
    junction, spanning = one.count("SR", one.info), one.count("SP", one.info)
    found = (junction or 0) + (spanning or 0) > 0
    return Call(
        tandem(
            Fusion(
                partner(one.text("GENE5"), one.text("GENS5")).gene,
                partner(one.text("GENE3"), one.text("GENS3")).gene,
                gene5_id=one.text("GENS5"),
                gene3_id=one.text("GENS3"),
                build=build,
                breakpoint5=sides.get("5"),
                breakpoint3=sides.get("3"),
                in_frame=frame(one.text("EFFECT")),
            )
        ),
        one.line,
        result=Result.POSITIVE if found else Result.NEGATIVE,
        levels=(Printed("junction_reads", Decimal(junction), "reads", str(junction)),) if junction is not None else (),
        counts=Counts(junction_reads=junction, spanning_reads=spanning),
        filters=one.filters,
        extra=tuple((key, text) for key in ("EFFECT", "DESC") if (text := one.text(key))),
    )


RNAFUSION_VCF = Format(
    name="rnafusion_vcf",
    title="nf-core/rnafusion VCF",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff_rnafusion,
    read=read_rnafusion,
    versions="2.x to 4.1",
    columns_source="nf-core/rnafusion bin/vcf_collect.py",
)

FUSIONCATCHER_VCF = Format(
    name="fusioncatcher_vcf",
    title="FusionCatcher VCF",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff_fusioncatcher,
    read=read_fusioncatcher,
    versions="1.20 to 1.33",
    columns_source="FusionCatcher manual",
)

FUSIONCATCHER_SUMMARY = Format(
    name="fusioncatcher_summary",
    title="FusionCatcher summary",
    family="fusions",
    technique=Technique.RNA_SEQUENCING,
    sniff=lambda head: (
        Sniff.CERTAIN if head.text.startswith("Very short summary of found candidate fusion genes") else Sniff.NO
    ),
    versions="1.x",
    columns_source="FusionCatcher manual",
    refuses="is FusionCatcher's summary for people; ingest the final-list_candidate-fusion-genes.txt beside it.",
)
