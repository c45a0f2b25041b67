"""BEDPE: junctions of DNA as pairs of intervals, as SV callers and converters write them.

Source  bedtools documentation, "BEDPE format": columns 1-6 the two intervals (0-based, half-open), 7 name, 8 score, 9 and 10
        the strands (``+``: what lies up to the position is joined; ``-``: from it on). A header line is optional; columns after
        the tenth have no meaning of their own, ``svclass``, ``svtype``, ``type`` and ``filter`` are read by name
Base    a breakpoint is the middle of its interval
Level   none: what the score means is not told
Genes   by position, so the build is needed to keep genes; a junction of two genes is a fusion as in a VCF
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text
from moltrack.formats.fusions.partners import chromosome
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.variants.breakends import Junction, classified
from moltrack.formats.variants.joined import finding_of, genes_of_sides
from moltrack.formats.variants.selection import Selection
from moltrack.model import Breakpoint, Call, FileInfo, Record, Refused, Result, Technique

_CHROM = re.compile(
    r"(?:chr)?(?:\d{1,2}|X|Y|M|MT)|(?:chr)?\w+_(?:random|alt|decoy)|(?:GL|KI|hs)\w[\w.]*", re.IGNORECASE
)
_HEADER = re.compile(r"#?\s*chrom?_?(?:1|a)\b", re.IGNORECASE)
_SQUID = ("FusedGenes", "num_concordantfrag_bp1")
_PLAIN = ("chrom1", "start1", "end1", "chrom2", "start2", "end2", "name", "score", "strand1", "strand2")
_TYPES = {"DEL", "DUP", "INV", "INS", "BND"}
#: PCAWG's words for a kind of event.
_WORDS = {"TRA": "BND", "h2hINV": "INV", "t2tINV": "INV"}


def sniff(head: Head) -> Sniff:
    """Likely when rows are two intervals each; a header of more than the ten columns makes it certain."""
    lines = [line for line in head.lines[:-1] or head.lines if line.strip()]
    rows = [line.split("\t") for line in lines if not _is_header(line)][:20]
    names = _names(lines)
    if not all(_is_pair(row) for row in rows) or (not rows and len(names) < 6):
        return Sniff.NO
    if any(name.lower() in map(str.lower, names) for name in _SQUID):
        return Sniff.NO
    return Sniff.CERTAIN if names and tuple(map(str.lower, names)) != _PLAIN else Sniff.LIKELY


def _is_header(line: str) -> bool:
    return line.startswith("#") or bool(_HEADER.match(line))


def _names(lines: list[str]) -> list[str]:
    """Column names of the last header line before the rows; [] when there is none."""
    found = [line for line in lines if _HEADER.match(line) and "\t" in line]
    return [cell.strip() for cell in found[-1].lstrip("# ").split("\t")] if found else []


def _is_pair(row: list[str]) -> bool:
    return len(row) >= 6 and all(_CHROM.fullmatch(row[at]) and _is_place(row[at + 1], row[at + 2]) for at in (0, 3))


def _is_place(start: str, end: str) -> bool:
    return start.isdecimal() and end.isdecimal() and int(start) <= int(end)


def read(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One call per junction that touches a kept gene.

    Raises
    ------
    FormatError
        The build is not given although genes are to be kept.
    """
    selection = Selection.of(options.genes)
    if not options.build and selection.symbols is not None:
        raise FormatError(
            f"does not say its genome build, which is needed to keep the genes '{selection.name}'.",
            path=path,
            advice="Give --build GRCh37 or GRCh38, or keep everything with --genes all.",
        )
    lines = read_text(path, limits=options.limits).split("\n")
    names = _names(lines)
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip() and not _is_header(line)]
    junctions: list[tuple[int, list[str], Junction | FormatError]] = []
    for number, row in rows:
        try:
            junctions.append((number, row, _junction(row, names)))
        except FormatError as error:
            junctions.append((number, row, error))
    sides = [side for _, _, ends in junctions if isinstance(ends, Junction) for side in ends.key]
    located = genes_of_sides(sides, options.build)
    records: list[Record] = []
    elsewhere = 0
    for number, row, ends in junctions:
        if isinstance(ends, FormatError):
            records.append(Refused(number, ends.message))
            continue
        gene1, gene2 = (_gene(located.get(side, ()), selection) for side in ends.key)
        if selection.symbols is not None and not {gene1, gene2} & selection.symbols:
            elsewhere += 1
            continue
        records.append(_call(number, row, names, ends, gene1, gene2, options.build))
    yield FileInfo(
        tool="bedpe",
        build=options.build,
        build_evidence="option" if options.build else "",
        header_only=not rows,
        rows=len(rows),
        kept=sum(isinstance(record, Call) for record in records),
        notes=(f"{elsewhere} junctions touch none of the genes '{selection.name}'",) if elsewhere else (),
    )
    yield from records


def _junction(row: list[str], names: list[str]) -> Junction:
    if len(row) < 6 or not _is_place(row[1], row[2]) or not _is_place(row[4], row[5]):
        raise FormatError("is not two intervals: chromosome, start and end of each side.")
    strands = [cell.strip() if cell.strip() in {"+", "-"} else "" for cell in (*row[8:10], "", "")[:2]]
    one, two = (
        Breakpoint(chromosome(row[at]), _middle(int(row[at + 1]), int(row[at + 2])), strand)
        for at, strand in zip((0, 3), strands, strict=True)
    )
    if all(strands):
        return classified(one, two)
    stated = _named(row, names, "svclass", "svtype", "type").strip("<>")
    kind = _WORDS.get(stated, stated.split(":")[0].upper())
    return Junction(kind if kind in _TYPES else "BND", one, two)


def _middle(start: int, end: int) -> int:
    """The 1-based middle of a 0-based interval; of an empty one the base before it."""
    return (start + end + 1) // 2 if end > start else end


def _named(row: list[str], names: list[str], *wanted: str) -> str:
    cells = dict(zip(map(str.lower, names), row, strict=False))
    return next((cells[name].strip() for name in wanted if cells.get(name, "").strip()), "")


def _gene(found: tuple[str, ...], selection: Selection) -> str:
    ours = [gene for gene in found if gene in selection.preferred]
    return (ours or list(found) or [""])[0]


def _call(number: int, row: list[str], names: list[str], ends: Junction, gene1: str, gene2: str, build: str) -> Call:
    name = row[6].strip() if len(row) > 6 and row[6].strip() != "." else ""
    finding, notes = finding_of(ends, gene1, gene2, build, name)
    filters = _named(row, names, "filter")
    score = row[7].strip() if len(row) > 7 else ""
    return Call(
        finding,
        number,
        result=Result.POSITIVE,
        filters=tuple(word for word in filters.split(";") if word.upper() not in {"PASS", ".", ""}),
        technique=Technique.DNA_SEQUENCING,
        notes=notes,
        extra=tuple((key, text) for key, text in (("name", name), ("score", score)) if text not in {"", "."}),
    )


BEDPE = Format(
    name="bedpe",
    title="BEDPE of structural variants",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read,
    versions="bedtools, svtools, PCAWG, ngs-bits",
    columns_source="bedtools documentation, BEDPE format",
)
