"""Transcripts: exons in both builds, and the numbering of HGVS c. along them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from moltrack.resources.files import listed, read_lines, rows_in
from moltrack.resources.genome import BUILDS

_C_POSITION = re.compile(r"(?P<star>\*)?(?P<base>-?\d+)(?P<offset>[+-]\d+)?")


@dataclass(frozen=True, slots=True)
class Exon:
    """An exon of a transcript.

    ``spans`` gives start and end (0-based half-open) per build; the length is the same in both. ``before_cds`` bases of it
    lie upstream of its coding part, which is ``c_start`` to ``c_end`` (None when it has no coding part).
    """

    number: int
    spans: Mapping[str, tuple[int, int]]
    before_cds: int
    c_start: int | None
    c_end: int | None
    unconfirmed: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        start, end = next(iter(self.spans.values()))
        return end - start


@dataclass(frozen=True)
class Transcript:
    """A transcript with its exons from 5' to 3' (numbered from 1)."""

    accession: str
    gene: str
    chrom: str
    strand: str
    exons: tuple[Exon, ...]

    @cached_property
    def cds_length(self) -> int:
        """Length of the coding sequence with its stop codon, in bases; 0 for a non-coding transcript."""
        return max((exon.c_end or 0 for exon in self.exons), default=0)

    @cached_property
    def protein_aa(self) -> int:
        """Length of the protein in residues."""
        return max(self.cds_length // 3 - 1, 0)

    @cached_property
    def coding_exons(self) -> tuple[Exon, ...]:
        return tuple(exon for exon in self.exons if exon.c_start is not None)

    @cached_property
    def _starts(self) -> dict[int, int]:
        """Exon number -> transcript offset (0-based) of its first base."""
        starts, offset = {}, 0
        for exon in self.exons:
            starts[exon.number] = offset
            offset += exon.length
        return starts

    @cached_property
    def _cds_offset(self) -> int:
        """Transcript offset of c.1."""
        first = self.coding_exons[0]
        return self._starts[first.number] + first.before_cds

    def exon_at(self, build: str, pos: int) -> Exon | None:
        """The exon over a 1-based position; None in an intron or outside."""
        starts, exons = self._by_start.get(build, ((), ()))
        index = bisect_left(starts, pos) - 1
        if index < 0 or pos > exons[index].spans[build][1]:
            return None
        return exons[index]

    @cached_property
    def _by_start(self) -> dict[str, tuple[tuple[int, ...], tuple[Exon, ...]]]:
        """Build -> starts of the exons along the chromosome, and the exons in that order."""
        found = {}
        for build in BUILDS:
            own = sorted((e for e in self.exons if build in e.spans), key=lambda e: e.spans[build])
            found[build] = (tuple(e.spans[build][0] for e in own), tuple(own))
        return found

    def exon_of(self, c: int) -> Exon | None:
        """The exon that holds base ``c.<c>`` of the coding sequence."""
        return next(
            (e for e in self.coding_exons if e.c_start is not None and e.c_end and e.c_start <= c <= e.c_end), None
        )

    def c_position(self, build: str, pos: int) -> str:
        """The HGVS c. position of a 1-based genomic position: ``860``, ``1310-3``, ``-12``, ``*45``; "" outside the gene.

        An intronic base is numbered from the nearer exon, the middle of an intron with odd length from the upstream one.
        """
        if not self.coding_exons:
            return ""
        exon = self.exon_at(build, pos)
        if exon is not None:
            return self._c_text(self._starts[exon.number] + self._offset_in(exon, build, pos))
        for left, right in zip(self.exons, self.exons[1:], strict=False):
            if build not in left.spans or build not in right.spans:
                continue
            after = self._beyond(left, build, pos)
            before = -self._beyond(right, build, pos, upstream=True)
            if after > 0 and before > 0:
                if after <= before:
                    return f"{self._c_text(self._starts[left.number] + left.length - 1)}+{after}"
                return f"{self._c_text(self._starts[right.number])}-{before}"
        return ""

    def position(self, build: str, c: str) -> int | None:
        """The 1-based genomic position of an HGVS c. position (``860``, ``1310-3``, ``*45``); None when it has none."""
        match = _C_POSITION.fullmatch(c.removeprefix("c."))
        if match is None or not self.coding_exons:
            return None
        base = int(match["base"])
        if match["star"]:
            offset = self._cds_offset + self.cds_length + base - 1
        else:
            offset = self._cds_offset + (base - 1 if base > 0 else base)
        exon = next(
            (e for e in self.exons if self._starts[e.number] <= offset < self._starts[e.number] + e.length), None
        )
        if exon is None or build not in exon.spans or base == 0:
            return None
        inside = offset - self._starts[exon.number]
        start, end = exon.spans[build]
        shift = int(match["offset"] or 0)
        # An intronic offset counts from the last base of an exon (+) or the first (-), from no other base.
        if (shift > 0 and inside != exon.length - 1) or (shift < 0 and inside != 0):
            return None
        return start + inside + 1 + shift if self.strand == "+" else end - inside - shift

    def coding_spans(self, build: str, first: int = 1, last: int = 0) -> tuple[tuple[int, int, int], ...]:
        """Where bases c.``first`` to c.``last`` (0 = the stop codon's last) lie: exon number, start, end (0-based half-open).

        Empty when the build lacks one of the exons.
        """
        last = last or self.cds_length
        found = []
        for exon in self.coding_exons:
            low, high = max(first, exon.c_start or 0), min(last, exon.c_end or 0)
            if low > high:
                continue
            if build not in exon.spans:
                return ()
            start, end = exon.spans[build]
            left, right = (exon.before_cds + c - (exon.c_start or 0) for c in (low, high))
            stretch = (start + left, start + right + 1) if self.strand == "+" else (end - right - 1, end - left)
            found.append((exon.number, *stretch))
        return tuple(found)

    def codon(self, build: str, pos: int) -> int | None:
        """The codon (residue number) over a 1-based position; None outside the coding sequence."""
        return self.codon_of(self.c_position(build, pos))

    def codon_of(self, c: str) -> int | None:
        """The codon of an HGVS c. position as :meth:`c_position` writes it; None outside the coding sequence."""
        return (int(c) + 2) // 3 if c.isdecimal() and int(c) <= self.cds_length else None

    def _offset_in(self, exon: Exon, build: str, pos: int) -> int:
        start, end = exon.spans[build]
        return pos - start - 1 if self.strand == "+" else end - pos

    def _beyond(self, exon: Exon, build: str, pos: int, *, upstream: bool = False) -> int:
        """Bases that ``pos`` lies downstream of the exon's last base (or of its first base, negative = upstream)."""
        start, end = exon.spans[build]
        edge = (start + 1 if upstream else end) if self.strand == "+" else (end if upstream else start + 1)
        return pos - edge if self.strand == "+" else edge - pos

    def _c_text(self, offset: int) -> str:
        base = offset - self._cds_offset
        if base < 0:
            return str(base)
        return str(base + 1) if base < self.cds_length else f"*{base - self.cds_length + 1}"


_TABLE = "exons.tsv"


@cache
def _lines() -> dict[str, list[str]]:
    """Accession -> the lines of its exons, below the header of the table."""
    header, *lines = read_lines(_TABLE)
    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(line.partition("\t")[0], [header]).append(line)
    return found


@cache
def _made(accession: str) -> Transcript:
    """The transcript of an accession of the table; made when it is asked for, since most commands need a few."""
    rows = list(rows_in(_lines()[accession], _TABLE))
    first, exons = rows[0], sorted(map(_exon, rows), key=lambda exon: exon.number)
    return Transcript(accession, first["gene"], first["chrom"], first["strand"], tuple(exons))


def _exon(row: Mapping[str, str]) -> Exon:
    return Exon(
        number=int(row["exon"]),
        spans={b: (int(row[f"{b}_start"]), int(row[f"{b}_end"])) for b in BUILDS if row[f"{b}_start"]},
        before_cds=int(row["before_cds"] or 0),
        c_start=int(row["c_start"]) if row["c_start"] else None,
        c_end=int(row["c_end"]) if row["c_end"] else None,
        unconfirmed=listed(row["unconfirmed"]),
    )


@cache
def _accessions() -> dict[str, str]:
    """Accession without its version -> with it."""
    return {accession.partition(".")[0]: accession for accession in _lines()}


def transcript(name: str) -> Transcript | None:
    """The transcript of an accession (with or without version), or the MANE Select one of a gene symbol.

    A version other than the one held is not taken for it: numbering changes between versions of WT1, MYD88 and others.
    """
    from moltrack.resources.genes import genes

    gene = genes().get(name)
    if gene is not None:
        name = gene.transcript
    accession = name if "." in name else _accessions().get(name, "")
    return _made(accession) if accession in _lines() else None


@cache
def transcripts_on(chrom: str) -> tuple[Transcript, ...]:
    """All transcripts held of a chromosome's genes."""
    firsts = (next(rows_in(lines[:2], _TABLE)) for lines in _lines().values())
    return tuple(_made(first["transcript"]) for first in firsts if first["chrom"] == chrom)
