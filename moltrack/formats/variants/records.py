"""From a line of a VCF to records: a call per detected allele, coverage where the row says that nothing was found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from moltrack.errors import FormatError
from moltrack.formats.variants.annotation import annotate
from moltrack.formats.variants.breakends import junction_of
from moltrack.formats.variants.header import Header, TumorColumn, chromosome
from moltrack.formats.variants.joined import finding_of
from moltrack.formats.variants.levels import (
    MISSING,
    Level,
    Reads,
    Row,
    level_of,
    of_all_alleles,
    own_fraction,
    reads_of,
)
from moltrack.formats.variants.scan import Line, record_end
from moltrack.formats.variants.selection import Selection, exon_at, gene_at
from moltrack.model import (
    Call,
    Counts,
    Coverage,
    CoverageScope,
    LimitKind,
    Printed,
    PrintedLimit,
    Record,
    Refused,
    Result,
    SmallVariant,
)
from moltrack.quantity import canonical_level

NO_SAMPLE = "has no sample column and no INFO/DP4 with read counts: it does not say what a sample carries."
#: Alternative alleles that mean "any other base": the row states depth, not a variant.
_ANY_OTHER = frozenset({"<NON_REF>", "<*>", "<X>", "X", "."})  # X: samtools 0.1
_SEQUENCE = re.compile(r"[ACGTNRYSWKMBDHV]+", re.IGNORECASE)
_SYMBOLIC = re.compile(r"<[^<>\s]+>|.*[\[\]].*|\.[ACGTN]+|[ACGTN]+\.", re.IGNORECASE)
#: Filters by which a caller says that it called the reference, or nothing.
_REFERENCE_CALL = frozenset({"RefCall"})
_NO_CALL = frozenset({"NoCall"})


@dataclass
class VcfReader:
    """Turns lines of one file into records; counts what it leaves to other readers."""

    header: Header
    tumor: TumorColumn
    build: str
    selection: Selection
    not_read: Counter[str] = field(default_factory=Counter)
    without_data: int = 0
    formats: set[str] = field(default_factory=set)

    def records(self, line: Line) -> list[Record]:
        """Records of a line; one that cannot be used is refused with its reason."""
        number, text = line
        try:
            return list(self._records(number, text))
        except FormatError as error:
            where = "" if number else f" ({':'.join(text.split(chr(9), 2)[:2])})"
            return [Refused(number, f"{error.message}{where}")]

    def notes(self) -> Iterator[str]:
        """What was not read, for the file's information; complete once all lines have been."""
        if self.not_read:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.not_read.items()))
            yield f"alleles that are not read here: {kinds}"
        if self.without_data:
            yield f"{self.without_data} alleles have no data in the column {self.tumor.name}"

    def _records(self, number: int, text: str) -> Iterator[Record]:
        fields = text.split("\t")
        if len(fields) < 8:
            raise FormatError(f"has {len(fields)} columns, a VCF row has at least 8.")
        if not fields[1].isdecimal():
            raise FormatError(f"POS holds '{fields[1][:40]}', expected a whole number.")
        if not fields[0]:
            raise FormatError("CHROM is empty.")
        if int(fields[1]) == 0:  # how VCF writes the end of a chromosome; no base lies there
            self.not_read["at a telomere (POS 0)"] += 1
            return
        if not _SEQUENCE.fullmatch(fields[3]):
            raise FormatError(f"REF holds '{fields[3][:40]}', expected bases.")
        site = _Site(
            number, chromosome(fields[0]), int(fields[1]), record_end(fields), fields[3].upper(), _filters(fields[6])
        )
        alts = tuple(fields[4].split(","))
        sample = self._sample(fields)
        if "LAA" in sample:
            sample = of_all_alleles(sample, len(alts))
        row = Row(
            site.ref,
            alts,
            _info(fields[7]),
            sample,
            self.header.tool,
            has_sample=self.tumor.index is not None,
            is_only_sample=len(self.header.samples) <= 1,
        )
        if _ANY_OTHER.issuperset(alts):
            yield self._reference(site, row)
            return
        for allele, alt in enumerate(alts, start=1):
            if alt in _ANY_OTHER:
                continue
            if alt == "*":
                self.not_read["* (spanning deletion)"] += 1
            elif _SEQUENCE.fullmatch(alt):
                if alt.upper() == site.ref:
                    raise FormatError(f"ALT '{alt[:40]}' equals REF.")
                record = self._allele(site, row, allele)
                if record is not None:
                    yield record
            elif alt.startswith("<") and "VD" in row.sample:  # VarDict has no other file for its large events
                yield self._large_event(site, row, allele)
            elif _SYMBOLIC.fullmatch(alt):
                self.not_read["breakend" if not alt.startswith("<") else alt] += 1
            elif "/" in alt:
                raise FormatError(f"ALT '{alt[:40]}' joins two alleles that share one count (VarScan).")
            else:
                raise FormatError(f"ALT holds '{alt[:40]}', expected bases.")

    def _sample(self, fields: list[str]) -> dict[str, str]:
        index = self.tumor.index
        if index is None:
            return {}
        if len(fields) < 9:
            raise FormatError("has no FORMAT column.")
        if len(fields) <= 9 + index:
            raise FormatError(f"has {len(fields)} columns, the header names {9 + len(self.header.samples)}.")
        self.formats.add(fields[8])
        return dict(zip(fields[8].split(":"), fields[9 + index].split(":"), strict=False))

    def _reference(self, site: _Site, row: Row) -> Coverage:
        """A row without alternative: a gVCF block, or a position listed with its depth."""
        depth = _first_count(row, ("MIN_DP", "DP")) if row.has_sample else None
        if depth is None and len(self.header.samples) <= 1:
            depth = _info_count(row, ("MIN_DP", "DP"))
        block = row.number("LEN")
        return Coverage(
            scope=CoverageScope.REGION,
            line=site.line,
            build=self.build,
            chrom=site.chrom,
            start=site.pos - 1,
            end=site.pos - 1 + block if block else site.end,
            counts=Counts(depth=depth),
            evaluable=depth != 0,
        )

    def _allele(self, site: _Site, row: Row, allele: int) -> Record | None:
        reads = reads_of(row, allele)
        own = own_fraction(row, allele)
        if reads is None:
            level = self._without_counts(row, allele, own)
            if level is None:
                return None
            detected = _is_detected(row, allele, own)
        else:
            level = level_of(reads, own)
            detected = reads.alt > 0
        if detected and not _REFERENCE_CALL.intersection(site.filters) and not _NO_CALL.intersection(site.filters):
            return self._call(site, row, allele, level)
        return self._coverage(site, row.alts[allele - 1], reads, level)

    def _without_counts(self, row: Row, allele: int, own: Printed | None) -> Level | None:
        """The level of a row without read counts: the printed fraction, or none; None when the column says nothing."""
        if not row.has_sample:
            raise FormatError(NO_SAMPLE)
        depth = _first_count(row, ("DP",))
        if own is not None:
            depth = _info_count(row, ("tumor_dp",)) if depth is None else depth
            return Level(Counts(depth=depth), own, "fraction as printed, the file gives no counts")
        genotype = row.sample.get("GT", ".")
        if genotype in MISSING or "." in genotype or (row.leaves_out(allele) and not _names(genotype, allele)):
            self.without_data += 1
            return None
        return Level(Counts(depth=depth), notes=("genotype only: the file gives no counts",))

    def _call(self, site: _Site, row: Row, allele: int, level: Level) -> Call:
        return Call(
            finding=self._variant(site, row, allele),
            line=site.line,
            result=Result.POSITIVE,
            levels=(level.printed,) if level.printed else (),
            counts=level.counts,
            filters=site.filters,
            caller_level=level.caller_level,
            formula=level.formula,
            caller=_callers(row.info),
            notes=level.notes,
            extra=() if site.line else (("locus", f"{site.chrom}:{site.pos}"),),
        )

    def _large_event(self, site: _Site, row: Row, allele: int) -> Record:
        """VarDict's ``<DUP>``, ``<DEL>``, ``<INV>``: FLT3-ITDs beyond the read length come this way."""
        alt, reads = row.alts[allele - 1], reads_of(row, allele)
        if reads is None or reads.alt == 0:
            raise FormatError(f"{alt} has no alternative reads: not a detection.")
        pos, info = _doubled(site, row.info) if alt == "<DUP>" else (site.pos, row.info)
        ends = junction_of(site.chrom, pos, site.ref, alt, info)
        genes = [
            gene_at(self.build, side.chrom, side.pos, self.selection.preferred) for side in (ends.side1, ends.side2)
        ]
        finding, notes = finding_of(ends, genes[0], genes[1], self.build)
        call = self._call(site, row, allele, level_of(reads, own_fraction(row, allele)))
        return replace(call, finding=finding, notes=(*call.notes, *notes))

    def _coverage(self, site: _Site, alt: str, reads: Reads | None, level: Level) -> Coverage:
        is_reference = bool(_REFERENCE_CALL.intersection(site.filters))
        limits = _above_what_is_seen(level) if is_reference else ()
        note = "the caller calls the reference" if is_reference else ""
        if limits and level.printed:
            note += f", though {level.printed.text} of the reads show the allele"
        return Coverage(
            scope=CoverageScope.POSITION,
            line=site.line,
            build=self.build,
            chrom=site.chrom,
            start=site.pos - 1,
            end=site.end,
            ref=site.ref,
            alt=alt.upper(),
            counts=level.counts if reads else Counts(alt=None if limits else 0, depth=level.counts.depth),
            limits=limits,
            evaluable=level.counts.depth != 0 and not _NO_CALL.intersection(site.filters),
            note=note,
        )

    def _variant(self, site: _Site, row: Row, allele: int) -> SmallVariant:
        found = annotate(self.header, row.info, site.ref, row.alts, allele, self.selection.preferred)
        gene, annotation, exon = (found.gene, found.described(), found.exon) if found else ("", "", "")
        if not gene and self.build:
            gene = gene_at(self.build, site.chrom, site.pos, self.selection.preferred)
            if gene:
                annotation, exon = "gene by position", exon_at(gene, self.build, site.pos)
        return SmallVariant(
            build=self.build,
            chrom=site.chrom,
            pos=site.pos,
            ref=site.ref,
            alt=row.alts[allele - 1].upper(),
            gene=gene,
            transcript=found.transcript if found else "",
            hgvs_c=found.hgvs_c if found else "",
            hgvs_p=found.hgvs_p if found else "",
            consequence=found.consequence if found else "",
            clinical_significance=found.clinical_significance if found else "",
            population_af=found.population_af if found else None,
            exon=exon,
            annotation=annotation,
        )


class _Site(NamedTuple):
    line: int
    chrom: str
    pos: int
    end: int
    ref: str
    filters: tuple[str, ...]


def _doubled(site: _Site, info: Mapping[str, str]) -> tuple[int, Mapping[str, str]]:
    """VarDict's duplication as VCF means it: POS the base before, END the last base that is doubled.

    VarDict doubles the bases from POS itself to END, and its SVLEN is END - POS, one base less (VarDictJava 1.8,
    ``ToVarsBuilder``; VarDict 1.8, ``var2vcf_valid.pl``, which leaves END out with ``-E``).
    """
    length = info.get("SVLEN", "")
    if "END" in info or not length.isdecimal():
        return site.pos - 1, info
    return site.pos - 1, {**info, "END": str(site.pos + int(length))}


def _filters(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(";") if name not in {"", ".", "PASS"})


def _info(text: str) -> dict[str, str]:
    """INFO by key; flags have an empty value. Of a key that occurs twice the first counts."""
    info: dict[str, str] = {}
    for item in text.split(";"):
        key, _, value = item.partition("=")
        info.setdefault(key, value)
    return info


def _callers(info: Mapping[str, str]) -> str:
    """Names of the callers that a merged file gives for a row, without the paths that some pipelines append."""
    text = info.get("FOUND_IN") or info.get("set") or info.get("CALLERS")
    if not text:
        return ""
    names = [name.partition("|")[0].strip() for name in text.split("," if "," in text or "|" in text else "-")]
    return ",".join(dict.fromkeys(name for name in names if name and "/" not in name))


def _above_what_is_seen(level: Level) -> tuple[PrintedLimit, ...]:
    """The share of reads that show the allele, as the limit of a reference call; none where the depth alone allows no lower one."""
    share = canonical_level(level.printed) if level.printed else None
    depth = level.counts.depth
    if level.printed is None or not share or (depth and share <= 1 - 0.05 ** (1 / depth)):
        return ()
    return (PrintedLimit(LimitKind.LOD, level.printed),)


def _is_detected(row: Row, allele: int, own: Printed | None) -> bool:
    if own is not None and own.value is not None:
        return own.value > 0
    return _names(row.sample.get("GT", ""), allele)


def _names(genotype: str, allele: int) -> bool:
    return str(allele) in re.split(r"[/|]", genotype)


def _first_count(row: Row, keys: tuple[str, ...]) -> int | None:
    return next((number for key in keys if (number := row.number(key)) is not None), None)


def _info_count(row: Row, keys: tuple[str, ...]) -> int | None:
    return next((int(text) for key in keys if (text := row.info.get(key, "")).isdecimal()), None)
