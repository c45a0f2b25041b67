"""What the tables of small variants (MAF, ANNOVAR, megSAP, iVar, TSO500) share: alleles without anchor, levels, genes kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from moltrack.errors import FormatError, InputError
from moltrack.formats.registry import ReadOptions
from moltrack.formats.tables import Row
from moltrack.formats.variants.annotation import Annotation
from moltrack.formats.variants.header import build_in
from moltrack.formats.variants.levels import Level, Reads, level_of
from moltrack.formats.variants.selection import Selection, exon_at, gene_at
from moltrack.model import (
    Call,
    Counts,
    Coverage,
    CoverageScope,
    FileInfo,
    Itd,
    Printed,
    Record,
    Refused,
    Result,
    SmallVariant,
)

_BASES = re.compile(r"[ACGTNRYSWKMBDHV]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Allele:
    """Where and what: 1-based ``pos``, bases; one of ``ref`` and ``alt`` may be "".

    An insertion without anchor base stands before the base at ``pos``, a deletion without anchor begins at it.
    """

    pos: int
    ref: str
    alt: str


def allele(row: Row, pos: int | None, ref: str, alt: str, *, inserted_after: bool = True) -> Allele:
    """The allele of a row that writes ``-`` for nothing.

    Parameters
    ----------
    inserted_after
        For an insertion, ``pos`` is the base before it (MAF, ANNOVAR, GSvar).

    Raises
    ------
    FormatError
        No position, or what should be bases is none.
    """
    if pos is None or pos < 1:
        raise row.error("holds no position.")
    for text, what in ((ref, "reference"), (alt, "alternative")):
        if not text.strip() or text.strip().upper() == "NA":
            raise row.error(f"holds no {what} allele.")
    ref, alt = ("" if text in {"-", ".", "0"} else text.strip().upper() for text in (ref, alt))
    for text in (ref, alt):
        if not _BASES.fullmatch(text):
            raise row.error(f"holds the allele '{text[:40]}', expected bases.")
    if ref == alt:
        raise row.error(f"holds the allele '{alt[:40] or '-'}' as reference and as alternative.")
    return Allele(pos + 1 if not ref and inserted_after else pos, ref, alt)


def stated_build(row: Row, text: str) -> str:
    """The build that a cell names: ``37``, ``hg19``, ``GRCh38`` ...; "" when it is missing.

    Raises
    ------
    FormatError
        A build that is neither GRCh37 nor GRCh38.
    """
    if not text:
        return ""
    build = {"37": "GRCh37", "38": "GRCh38", "19": "GRCh37"}.get(text.removesuffix(".0")) or build_in(text)
    if not build:
        raise row.error(f"is on the build '{text}', which is neither GRCh37 nor GRCh38.")
    return build


def named(build: str, annotation: Annotation) -> SmallVariant:
    """The finding by its gene and names, without a place."""
    return SmallVariant(
        build=build,
        gene=annotation.gene,
        transcript=annotation.transcript,
        hgvs_c=annotation.hgvs_c,
        hgvs_p=annotation.hgvs_p,
        consequence=annotation.consequence,
        clinical_significance=annotation.clinical_significance,
        population_af=annotation.population_af,
        exon=annotation.exon,
        annotation=annotation.described(),
    )


def variant(build: str, chrom: str, found: Allele, annotation: Annotation, selection: Selection) -> SmallVariant:
    """The finding of a row; the gene by position where the row names none."""
    finding = replace(named(build, annotation), chrom=chrom, pos=found.pos, ref=found.ref, alt=found.alt)
    if not finding.gene and (gene := gene_at(build, chrom, found.pos, selection.preferred)):
        return replace(finding, gene=gene, exon=exon_at(gene, build, found.pos), annotation="gene by position")
    return finding


def evidence(
    finding: SmallVariant, row: Row, reads: Reads | None, own: Printed | None, *, depth: int | None = None
) -> Call | Coverage:
    """A call, or coverage of the position when no read (or a printed fraction of 0) shows the allele.

    Raises
    ------
    FormatError
        More alternative reads than depth.
    """
    if reads is not None:
        if reads.depth is not None and reads.alt > reads.depth:
            raise row.error(f"holds {reads.alt} alternative reads at a depth of {reads.depth}.")
        level, detected = level_of(reads, own), reads.alt > 0
    elif own is not None and own.value is not None:
        level, detected = (
            Level(Counts(depth=depth), own, "fraction as printed, the file gives no counts"),
            own.value > 0,
        )
    else:
        level, detected = Level(Counts(depth=depth)), True
    if detected:
        return Call(
            finding=finding,
            line=row.line,
            result=Result.POSITIVE,
            levels=(level.printed,) if level.printed else (),
            counts=level.counts,
            caller_level=level.caller_level,
            formula=level.formula,
            notes=level.notes,
        )
    return Coverage(
        scope=CoverageScope.POSITION,
        line=row.line,
        build=finding.build,
        chrom=finding.chrom,
        start=(finding.pos or 1) - 1,
        end=(finding.pos or 1) - 1 + max(len(finding.ref), 1),
        ref=finding.ref,
        alt=finding.alt,
        counts=level.counts,
        evaluable=level.counts.depth != 0,
    )


def fraction(row: Row, column: str, unit: str = "fraction") -> Printed | None:
    """A printed fraction of a column whose unit the format defines.

    Raises
    ------
    FormatError
        Not a number, or outside of 0 to 1 (0 to 100 for percent).
    """
    value: Decimal | None = row.number(column, 0, 100 if unit == "%" else 1)
    return None if value is None else Printed("vaf", value, unit, row.text(column))


@dataclass
class TableReader:
    """Goes through the rows of a table: refuses the bad ones, keeps the genes asked for, counts."""

    tool: str
    options: ReadOptions
    selection: Selection
    version: str = ""
    build: str = ""
    build_evidence: str = ""
    notes: list[str] = field(default_factory=list)

    def read(
        self, rows: Iterable[Row], record_of: Callable[[Row], tuple[str, Call | Coverage] | None]
    ) -> Iterator[Record]:
        """The file's information, then the records of its rows.

        ``record_of`` gives the gene and the record of a row, None for a row that means nothing.
        """
        records: list[Record] = []
        count = passed_over = 0
        for row in rows:
            count += 1
            try:
                made = record_of(row)
            except (FormatError, InputError) as error:
                records.append(Refused(row.line, error.message))
                continue
            if made is None:
                continue
            gene, record = made
            if is_kept(self.selection, gene, record):
                records.append(record)
            else:
                passed_over += 1
        if passed_over:
            self.notes.append(f"{passed_over} rows outside of the genes '{self.selection.name}' are left out")
        samples = dict.fromkeys(r.sample for r in records if isinstance(r, Call | Coverage) and r.sample)
        builds = {r.finding.build for r in records if isinstance(r, Call) and isinstance(r.finding, SmallVariant | Itd)}
        build = self.build or (builds.pop() if len(builds) == 1 else "")
        yield FileInfo(
            tool=self.tool,
            tool_version=self.version,
            build=build,
            build_evidence=self.build_evidence if build else "",
            samples=tuple(samples),
            header_only=count == 0,
            rows=count,
            kept=sum(isinstance(record, Call) for record in records),
            notes=tuple(self.notes),
        )
        yield from records


def is_kept(selection: Selection, gene: str, record: Call | Coverage) -> bool:
    """True when the gene of the row, or the place of its record, is among those to keep."""
    if isinstance(record, Coverage):
        return selection.keeps(gene, record.build, record.chrom, (record.start or 0) + 1)
    finding = record.finding
    assert isinstance(finding, SmallVariant | Itd)
    return selection.keeps(gene or finding.gene, finding.build, finding.chrom, finding.pos)
