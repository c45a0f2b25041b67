"""VCF of structural variant callers: junctions with their reads, each told once, as fusions, duplications or events.

Source  Manta, DRAGEN SV, DELLY, LUMPY, GRIDSS, ESVEE/PURPLE, SvABA, Sniffles2, Severus, SAVANA, TIDDIT, SVIM, pbsv, CNVkit, and files
        merged from them (SURVIVOR, SVDB); ``support`` has the keys of each and the level made of them
RNA     breakends of RNA (``RNA_FIRST``: Manta ``--rna``, AnaCore) are fusions by RNA sequencing: reads, never a VAF; the flag marks the 5' side
Mates   the two records of a junction (``MATEID``, ``MATE_ID``, GRIDSS' ``o``/``h``, ``_1``/``_2``) are one call
Genes   by position in the references, else the annotation (VEP ``CSQ``, SnpEff ``ANN``); a junction that reads from the 5'
        part of one gene into the 3' part of another is a fusion
Empty   a header without rows: run, nothing found
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from moltrack import resources
from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.variants.breakends import Junction, is_single, junction_of
from moltrack.formats.variants.header import Header, TumorColumn, checked_build, chromosome, header_build, tumor_column
from moltrack.formats.variants.joined import finding_of, genes_of_sides, moved_enhancer, transcribed
from moltrack.formats.variants.scan import Line, open_vcf
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.support import Support, support_of
from moltrack.model import (
    Breakpoint,
    Call,
    Change,
    CopyNumber,
    Counts,
    FileInfo,
    Finding,
    Printed,
    Record,
    Refused,
    Result,
    Technique,
)

#: Caller -> what its header (or, for DELLY before 1, its rows) holds.
_TOOLS = (
    ("manta", r"##source=.*(?:Manta|GenerateSVCandidates)"),
    ("dragen_sv", r"##source=DRAGEN_SV"),
    ("delly", r"EMBL\.DELLYv|##source=delly"),
    ("lumpy", r"##source=.*LUMPY"),
    ("esvee", r"##esveeVersion"),
    ("gridss", r"##gridssVersion"),
    ("sniffles2", r"##source=Sniffles"),
    ("severus", r"##source=Severus"),
    ("savana", r"##savana|##source=SAVANA"),
    ("svaba", r"##source=.*svaba"),
    ("tiddit", r"##source=TIDDIT"),
    ("cutesv", r"##source=cuteSV"),
    ("svim", r"##source=SVIM"),
    ("pbsv", r"##source=pbsv"),
    ("survivor", r"##source=SURVIVOR"),
    ("svdb", r"##SVDB_version"),
    ("cnvkit", r"##source=.*CNVkit"),
)
_VERSION = re.compile(
    r"(?:GenerateSVCandidates |DELLYv|Sniffles2?_|##gridssVersion=|##EsveeVersion=|Severus[_ ]?v?|TIDDIT[- ]v?|cuteSV-|SVIM-?v|pbsv |SW: )([\d.]+\d)",
    re.IGNORECASE,
)


def sniff(head: Head) -> Sniff:
    """Certain by the header of an SV caller, or when breakends stand beside spelled-out events; likely when the first rows are all of the former.

    Pindel states an SVTYPE for small variants too.
    """
    lines = head.data[9:].split(b"\x00")[0].decode("utf-8", "replace").splitlines() if head.is_bcf else head.lines
    if head.is_xlsx or not lines or not lines[0].lstrip("\ufeff").startswith("##fileformat=VCF"):
        return Sniff.NO
    meta = "\n".join(line for line in lines if line.startswith("##"))
    if re.search(r"##source=(?:fusioncatcher|ITDseek|ScanITD)|##INFO=<ID=FOUND_DB,", meta, re.IGNORECASE):
        return Sniff.NO
    if any(re.search(pattern, meta, re.IGNORECASE) for _, pattern in _TOOLS):
        return Sniff.CERTAIN
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")][:20]
    rows = [row for row in rows if len(row) >= 8]
    if rows and all(_joins(row[4]) for row in rows):
        return Sniff.LIKELY
    is_mixed = any(_joins(row[4]) for row in rows) and all(_joins(row[4]) or "SVTYPE=" in row[7] for row in rows)
    return Sniff.CERTAIN if is_mixed and "##source=pindel" not in meta else Sniff.NO


def _joins(alt: str) -> bool:
    return bool(re.match(r"<(?:DEL|T?DUP|INV|INS|BND|TRA|CNV)", alt)) or "[" in alt or "]" in alt


def read_structural(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Junctions of the tumour column that touch a kept gene, each once.

    Raises
    ------
    FormatError
        Not a VCF, truncated, its tumour column is not known, or its build although genes are to be kept.
    """
    header, lines = open_vcf(path, options.limits)
    selection = Selection.of(options.genes)
    build, evidence = checked_build(path, *header_build(header), options.build)
    tumor = _tumor(header, options)
    opened = lines(None)
    rows = list(opened.lines)
    if rows and not build and selection.symbols is not None:
        raise FormatError(
            f"does not say its genome build, which is needed to keep the genes '{selection.name}'.",
            path=path,
            advice="Give --build GRCh37 or GRCh38, or keep everything with --genes all.",
        )
    reader = _Reader(header, tumor, build, selection)
    records = reader.read(rows)
    yield FileInfo(
        tool=reader.tool,
        tool_version=_version(header),
        build=build,
        build_evidence=evidence,
        samples=header.samples,
        tumor_sample=tumor.name,
        tumor_evidence=tumor.evidence,
        header_only=not rows,
        rows=len(rows),
        kept=sum(isinstance(record, Call) for record in records),
        notes=(*opened.notes, *reader.notes()),
    )
    yield from records


def _version(header: Header) -> str:
    match = _VERSION.search(header.text)
    return match[1] if match else ""


def _tumor(header: Header, options: ReadOptions) -> TumorColumn:
    """The tumour column; ESVEE and GRIDSS in the hmftools pipeline end names in T (tumour) and R (reference)."""
    names = header.samples
    hmf = re.search(r"##(?:esvee|gridss|purple)Version", header.text, re.IGNORECASE)
    if not options.tumor_sample and hmf and len(names) == 2 and {name[-1] for name in names} == {"T", "R"}:
        index = 0 if names[0].endswith("T") else 1
        return TumorColumn(index, names[index], "column name")
    return tumor_column(header, options)


@dataclass(frozen=True, slots=True)
class _Event:
    """A junction of the file before genes are known; ``gene`` is the annotation at its first side."""

    line: int
    id: str
    mate: str
    junction: Junction
    filters: tuple[str, ...]
    info: Mapping[str, str]
    values: Mapping[str, str]
    support: Support
    gene: str
    caller: str


@dataclass
class _Reader:
    """Turns the lines of one file into records and counts what it leaves out."""

    header: Header
    tumor: TumorColumn
    build: str
    selection: Selection
    singles: int = 0
    mates: int = 0
    elsewhere: int = 0
    _tools: tuple[str, ...] = field(init=False)
    _rna: bool = field(init=False)

    def __post_init__(self) -> None:
        self._rna = "##INFO=<ID=RNA_FIRST," in self.header.text
        self._tools = tuple(tool for tool, pattern in _TOOLS if re.search(pattern, self.header.text, re.IGNORECASE))

    @property
    def tool(self) -> str:
        return self._tools[0] if len(self._tools) == 1 else "+".join(self._tools)

    def notes(self) -> Iterator[str]:
        if self.mates:
            yield f"{self.mates} records are the mates of others"
        if self.singles:
            yield f"{self.singles} breakends without a partner are not read"
        if self.elsewhere:
            yield f"{self.elsewhere} events touch none of the genes '{self.selection.name}'"

    def read(self, rows: Iterable[Line]) -> list[Record]:
        parsed: list[_Event | Refused] = []
        for number, text in rows:
            try:
                parsed += self._events(number, text)
            except FormatError as error:
                parsed.append(Refused(number, error.message))
        if not self._tools and any("DELLY" in e.info.get("SVMETHOD", "") for e in parsed if isinstance(e, _Event)):
            self._tools = ("delly",)  # before 1.0 it names itself in its rows alone
        annotated = {event.id: event.gene for event in parsed if isinstance(event, _Event) and event.id}
        once = self._without_mates(parsed)
        located = genes_of_sides((side for e in once if isinstance(e, _Event) for side in e.junction.key), self.build)
        return [record for event in once if (record := self._record(event, annotated, located)) is not None]

    def _events(self, number: int, text: str) -> Iterator[_Event]:
        fields = text.split("\t")
        if len(fields) < 8:
            raise FormatError(f"has {len(fields)} columns, a VCF row has at least 8.")
        chrom, pos, name, ref, alts, _, filters, info_text = fields[:8]
        if not pos.isdecimal():
            raise FormatError(f"POS holds '{pos[:40]}', expected a whole number.")
        info = {key: value for key, _, value in (item.partition("=") for item in info_text.split(";")) if key}
        values = self._values(fields)
        for alt in alts.split(","):
            if is_single(alt):
                self.singles += 1
                continue
            yield _Event(
                number,
                name if name != "." else "",
                _mate_of(name, info),
                _with_stated_length(junction_of(chromosome(chrom), int(pos), ref, alt, info), info),
                tuple(word for word in filters.split(";") if word not in {"PASS", ".", ""}),
                info,
                values,
                support_of(values, info),
                _annotated_gene(self.header, info),
                _caller_of(self._tools, name, info, values),
            )

    def _values(self, fields: Sequence[str]) -> dict[str, str]:
        index = self.tumor.index
        if index is None or len(fields) < 9:
            return {}
        if len(fields) <= 9 + index:
            raise FormatError(f"has no column for the sample {self.tumor.name}.")
        return dict(zip(fields[8].split(":"), fields[9 + index].split(":"), strict=False))

    def _without_mates(self, events: Iterable[_Event | Refused]) -> list[_Event | Refused]:
        """The events without those that tell a junction again from its other side."""
        kept: list[_Event | Refused] = []
        ids: set[str] = set()
        keys: set[tuple[Breakpoint, Breakpoint]] = set()
        for event in events:
            if isinstance(event, Refused):
                kept.append(event)
                continue
            ends = event.junction
            # A junction that is its own mirror image would hide an independent call, so an id is asked for first.
            if (event.mate and event.mate in ids) or (
                not event.mate and ends.side1 != ends.side2 and ends.mirrored in keys
            ):
                self.mates += 1
                continue
            if event.id:
                ids.add(event.id)
            keys.add(ends.key)
            kept.append(event)
        return kept

    def _record(
        self, event: _Event | Refused, annotated: Mapping[str, str], located: Mapping[Breakpoint, tuple[str, ...]]
    ) -> Record | None:
        if isinstance(event, Refused):
            return event
        if copies := _copy_number(event, self.build, self._genotype(event)):
            return copies
        ends = event.junction
        gene1 = self._gene(ends.side1, event.gene, located)
        gene2 = self._gene(ends.side2, annotated.get(event.mate, "") if event.mate else "", located)
        if not self._keeps(ends, (gene1, gene2, *(moved_enhancer(ends, self.build) or ()))):
            self.elsewhere += 1
            return None
        name = event.info.get("EVENT", "") or event.id
        if self._rna:
            if _reads_backwards(event.info, self.header):
                ends, gene1, gene2 = replace(ends, side1=ends.side2, side2=ends.side1), gene2, gene1
            finding, notes = transcribed(ends, gene1, gene2, self.build, name, _is_precise(event.info))
            return _rna_call(_call(event, finding, notes), event.support)
        finding, notes = finding_of(ends, gene1, gene2, self.build, name, _is_precise(event.info))
        return _call(event, finding, notes, self._genotype(event))

    def _genotype(self, event: _Event) -> Result | None:
        """What the genotype of one sample among several says where no read is counted: ``0/0`` and ``./.`` are rows of the others.

        A merge (SURVIVOR, Jasmine) says in SUPP_VEC which samples have the event; callers without genotypes have ``./.`` there.
        """
        supported = event.info.get("SUPP_VEC", "")
        if len(supported) == len(self.header.samples) and supported[self.tumor.index or 0] == "1":
            return None
        alleles = set(re.split(r"[/|]", event.values.get("GT", "")))
        if event.support.alt is not None or len(self.header.samples) < 2 or not alleles <= {"0", "."}:
            return None
        return Result.NEGATIVE if "0" in alleles else Result.NOT_EVALUABLE

    def _gene(self, side: Breakpoint, annotation: str, located: Mapping[Breakpoint, tuple[str, ...]]) -> str:
        found = located.get(side, ())
        ours = [gene for gene in found if gene in self.selection.preferred]
        return ours[0] if ours else found[0] if found else annotation

    def _keeps(self, ends: Junction, genes: tuple[str, ...]) -> bool:
        symbols = self.selection.symbols
        if symbols is None or any((resources.gene_symbol(gene) or gene) in symbols for gene in genes if gene):
            return True
        wanted = self.selection.wanted(self.build)
        if wanted is None or ends.sv_type not in {"DEL", "DUP"}:
            return False
        low, high = sorted((ends.side1.pos, ends.side2.pos))
        return wanted.overlaps(ends.side1.chrom, low - 1, high)


# --- a row ------------------------------------------------------------------------------------------------------------


def _mate_of(name: str, info: Mapping[str, str]) -> str:
    """The id of the record that tells the same junction from its other side; "" when there is none."""
    stated = info.get("MATEID") or info.get("MATE_ID") or ""
    if stated and stated != ".":
        return stated.split(",")[0]
    if match := re.fullmatch(r"(gridss\w*)([oh])", name):
        return match[1] + ("h" if match[2] == "o" else "o")
    if (match := re.fullmatch(r"(.+)_([12])", name)) and ("SVTYPE" in info and info["SVTYPE"] == "BND"):
        return f"{match[1]}_{3 - int(match[2])}"
    return ""


def _with_stated_length(junction: Junction, info: Mapping[str, str]) -> Junction:
    """An insertion whose sequence is not whole keeps the length that the caller states."""
    stated = info.get("SVLEN", "").split(",")[0].lstrip("-")
    if junction.sv_type == "INS" and junction.length in (None, 0) and stated.isdecimal():
        return replace(junction, length=int(stated))
    return junction


def _annotated_gene(header: Header, info: Mapping[str, str]) -> str:
    """The first gene of VEP's or SnpEff's annotation that the variant lies in, not merely near."""
    for key in ("CSQ", "ANN", "FCANN"):
        text = info.get(key, "")
        names = header.fields_of(key) if text else ()
        column = next((name for name in ("SYMBOL", "Gene_Name") if name in names), "")
        if not column:
            continue
        for entry in text.split(","):
            cells = dict(zip(names, entry.split("|"), strict=False))
            near = re.search(
                r"upstream|downstream|intergenic", cells.get("Consequence", "") or cells.get("Annotation", "")
            )
            if cells.get(column) and not near:
                return cells[column]
    return ""


def _reads_backwards(info: Mapping[str, str], header: Header) -> bool:
    """True when the other side of a junction of RNA is the 5' one. Manta says so only where ``RNA_STRANDED`` stands beside it."""
    told = "RNA_STRANDED" in info or "##INFO=<ID=RNA_STRANDED," not in header.text
    return told and "RNA_FIRST" not in info


def _caller_of(tools: tuple[str, ...], name: str, info: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Which caller wrote the row of a merged file; "" in a file of one caller."""
    if len(tools) < 2:
        return ""
    if "FOLD_CHANGE" in info and "cnvkit" in tools:
        return "cnvkit"
    if ("PR" in values or name.startswith("Manta")) and "manta" in tools:
        return "manta"
    return ""


def _is_precise(info: Mapping[str, str]) -> bool | None:
    return False if "IMPRECISE" in info else True if "PRECISE" in info or "HOMLEN" in info or "CIGAR" in info else None


def _copy_number(event: _Event, build: str, genotype: Result | None) -> Call | None:
    """A segment's gain or loss (CNVkit and others): it has copies or a log2 ratio and no reads across a junction.

    A loss that leaves no copy is a detection, though its level is 0.
    """
    copies, log2 = _decimal(event.values.get("CN", "")), _decimal(event.info.get("FOLD_CHANGE_LOG", ""))
    if (
        event.support.alt is not None
        or event.junction.sv_type not in {"DEL", "DUP", "CNV"}
        or (copies is None and log2 is None)
    ):
        return None
    ends = event.junction
    low, high = (ends.side1.pos, ends.side2.pos - 1) if ends.sv_type == "DEL" else (ends.side1.pos - 1, ends.side2.pos)
    change = {"DEL": Change.LOSS, "DUP": Change.GAIN}.get(ends.sv_type, Change.UNKNOWN)
    levels = []
    if copies is not None:
        levels.append(Printed("copy_number", copies, "copies", event.values["CN"]))
    if log2 is not None:
        levels.append(Printed("log2_ratio", log2, "log2", event.info["FOLD_CHANGE_LOG"]))
    return Call(
        CopyNumber(
            change,
            build=build,
            chrom=ends.side1.chrom,
            start=low,
            end=high,
            total=float(copies) if copies is not None else None,
            log2=float(log2) if log2 is not None else None,
        ),
        event.line,
        result=genotype or (None if change is Change.UNKNOWN else Result.POSITIVE),
        levels=tuple(levels),
        filters=event.filters,
        caller=event.caller,
        technique=Technique.DNA_SEQUENCING,
        extra=tuple((key, event.info[key]) for key in ("FOLD_CHANGE", "PROBES") if event.info.get(key)),
    )


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _call(event: _Event, finding: Finding, notes: tuple[str, ...], genotype: Result | None = None) -> Call:
    support = event.support
    result = genotype if support.alt is None else Result.POSITIVE if support.alt else Result.NEGATIVE
    if genotype is not None:
        notes = (*notes, f"the genotype of this sample is {event.values['GT']}: called in another one")
    elif result is Result.NEGATIVE:
        notes = (*notes, "no supporting read in this sample: not a detection")
    kept = ("SVTYPE", "SVLEN", "SOMATIC", "SOMATICSCORE", "PURPLE_AF", "PURPLE_JCN", "TUMOUR_AF", "STRANDS", "SUPPORT")
    return Call(
        finding,
        event.line,
        result=result,
        levels=(support.level,) if support.level is not None else (),
        counts=support.counts,
        filters=event.filters,
        caller_level=support.own,
        formula=support.formula,
        caller=event.caller,
        technique=Technique.DNA_SEQUENCING,
        notes=notes,
        extra=(
            *((("id", event.id),) if event.id else ()),
            *((key, event.info[key] or "yes") for key in kept if key in event.info),
        ),
    )


def _rna_call(call: Call, support: Support) -> Call:
    """The call as one of RNA: reads that cross the junction are its level, since a share of transcripts is no VAF."""
    reads = support.split
    levels = () if reads is None else (Printed("junction_reads", Decimal(reads), "reads", str(reads)),)
    counts = Counts(junction_reads=reads, spanning_reads=support.pairs)
    return replace(call, levels=levels, counts=counts, formula="", technique=Technique.RNA_SEQUENCING)


STRUCTURAL_VCF = Format(
    name="sv_vcf",
    title="VCF of structural variants, any caller",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_structural,
    versions=(
        "Manta 1.3-1.6, DRAGEN SV 4.2, DELLY 0.7-1.2, LUMPY, GRIDSS 2, ESVEE 1-2 (PURPLE 4), SvABA, Sniffles 2, Severus 1.1, "
        "SAVANA 1.2, TIDDIT 2-3, cuteSV, SVIM, pbsv, smoove, nanomonsv, SURVIVOR, SVDB, CNVkit 0.9 (segments); RNA: Manta 1.6 --rna, AnaCore"
    ),
    columns_source="VCF specification 4.5; keys by each caller's own output",
)
