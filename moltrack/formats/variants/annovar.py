"""ANNOVAR: the table of ``table_annovar.pl`` (``*.hg19_multianno.txt``).

Units   1-based; ``-`` for nothing; an insertion stands after the base at Start
Build   in the file's name only, where ANNOVAR writes it (``.hg19_multianno.``), or by ``--build``
Level   none of its own; with ``-vcfinput`` the row of the VCF follows in ``Otherinfo4`` and on, or (before 2019) below one cell
        ``Otherinfo`` that names the first of them; ``-includeinfo`` alone begins with it
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import MISSING, Row, normal_name, read_table
from moltrack.formats.variants import levels
from moltrack.formats.variants.annotation import Annotation, annovar_annotations, choose, largest_frequency
from moltrack.formats.variants.header import build_in, checked_build, chromosome
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.tabular import Allele, TableReader, allele, evidence, variant
from moltrack.model import Call, Coverage, Printed, Record, Technique

REQUIRED = ("Chr", "Start", "End", "Ref", "Alt")
_BUILD_IN_NAME = re.compile(r"(hg19|hg38|GRCh37|GRCh38)_multianno", re.IGNORECASE)
_PASSED = frozenset({"", "PASS", "."})
_DATABASES = ("refGene", "refGeneWithVer", "MANE", "ensGene", "knownGene", "wgEncodeGencodeBasicV19")


def sniff(head: Head) -> Sniff:
    """Certain when the header has ANNOVAR's five columns and a gene database's."""
    names = {cell.lower() for cell in head.header}
    if names.issuperset(name.lower() for name in REQUIRED) and any(
        re.match(r"(gene|func|aachange|exonicfunc)\.", name) for name in names
    ):
        return Sniff.CERTAIN
    return Sniff.NO


def read_annovar(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls of an ANNOVAR table, restricted to the genes asked for.

    Raises
    ------
    FormatError
        The file's name does not say the build in ANNOVAR's way and no option does, although genes are to be kept.
    """
    table = read_table(path, required=REQUIRED, comment="##", open_ended="Otherinfo", limits=options.limits)
    selection = Selection.of(options.genes)
    named = _BUILD_IN_NAME.search(path.name)
    build, evidence_of_build = checked_build(path, build_in(named[1]) if named else "", "file name", options.build)
    if not build and selection.symbols is not None and table.rows:
        raise FormatError(
            "does not say its genome build: ANNOVAR writes it into the file's name (.hg19_multianno., .hg38_multianno.).",
            path=path,
            advice="Give --build GRCh37 or GRCh38, or keep everything with --genes all.",
        )
    original = {normal_name(name): name for name in table.header}
    database = next((name for name in _DATABASES if table.has(f"Gene.{name}")), "")

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        found = allele(row, row.count("Start"), row.raw("Ref"), row.raw("Alt"))
        cells = {
            original[key]: value
            for key, value in row.cells.items()
            if key in original and value.strip().lower() not in MISSING
        }
        annotation = _annotation(cells, database, selection)
        finding = variant(build, chromosome(row.need("Chr")), found, annotation, selection)
        carried = _carried(row)
        reads, own = _level(row, carried, found, options)
        record = replace(evidence(finding, row, reads, own), sample=row.text("Tumor_Sample_Barcode"))
        if isinstance(record, Call) and carried is not None:
            record = replace(record, filters=tuple(name for name in carried[6].split(";") if name not in _PASSED))
        return annotation.gene, record

    yield from TableReader("ANNOVAR", options, selection, "", build, evidence_of_build).read(table.rows, record_of)


def _annotation(cells: Mapping[str, str], database: str, selection: Selection) -> Annotation:
    found = list(annovar_annotations(cells, database)) if database else []
    best = choose(found, selection.preferred) if found else Annotation(annotator="ANNOVAR")
    significance = next((cells[key] for key in ("CLNSIG", "ClinVar_SIG", "CLINSIG") if key in cells), "")
    return best._replace(clinical_significance=significance, population_af=largest_frequency(cells))


def _carried(row: Row) -> list[str] | None:
    """The row of a VCF that ANNOVAR carries along: the cells from its CHROM on; None when there is none."""
    count = sum(name.startswith("otherinfo") for name in row.cells)
    cells = [row.raw(f"Otherinfo{number}") for number in range(1, count + 1)]
    for begin in (3, 0):  # after zygosity, quality and depth, or by itself
        vcf = cells[begin:]
        if len(vcf) > 7 and vcf[1].isdecimal() and chromosome(vcf[0]) == chromosome(row.need("Chr")):
            while vcf and not vcf[-1]:
                vcf.pop()
            return vcf if len(vcf) > 7 else None
    return None


def _level(
    row: Row, carried: list[str] | None, found: Allele, options: ReadOptions
) -> tuple[levels.Reads | None, Printed | None]:
    """The level of the row's allele in the carried VCF row, by its only sample column or the one whose number the user gives."""
    if carried is None:
        return None, None
    samples = carried[9:]
    is_number = options.tumor_sample.isdigit()
    if len(samples) > 1 and not is_number:
        raise row.error(
            f"carries {len(samples)} sample columns of a VCF, without their names, and does not say which is the tumour.",
            "Give its number with --tumor-sample.",
        )
    number = int(options.tumor_sample) if is_number else 1
    if not 1 <= number <= max(len(samples), 1):
        raise row.error(f"carries {len(samples)} sample columns of a VCF.", "Correct --tumor-sample.")
    _, pos, _, ref, alternatives, _, _, info = carried[:8]
    alts = tuple(alternatives.split(","))
    own = _spellings(found.pos, found.ref, found.alt)
    spelt = [i for i, alt in enumerate(alts, 1) if own & _spellings(int(pos), ref.upper(), alt.upper())]
    index = 1 if len(alts) == 1 else spelt[0] if len(spelt) == 1 else 0
    if not index:
        return None, None
    sample = dict(zip(carried[8].split(":"), samples[number - 1].split(":"), strict=False)) if samples else {}
    keys = dict(item.partition("=")[::2] for item in info.split(";"))
    vcf_row = levels.Row(ref, alts, keys, sample, has_sample=bool(samples), is_only_sample=len(samples) <= 1)
    return levels.reads_of(vcf_row, index), levels.own_fraction(vcf_row, index)


def _spellings(pos: int, ref: str, alt: str) -> set[tuple[int, str, str]]:
    """The allele without the bases that both sides share: in a repeat it depends on the end that is trimmed first."""

    def end(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
        shared = _shared(ref[::-1], alt[::-1])
        return pos, ref[: len(ref) - shared], alt[: len(alt) - shared]

    def beginning(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
        shared = _shared(ref, alt)
        return pos + shared, ref[shared:], alt[shared:]

    return {beginning(*end(pos, ref, alt)), end(*beginning(pos, ref, alt))}


def _shared(one: str, two: str) -> int:
    """How many letters two words begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))


ANNOVAR = Format(
    name="annovar",
    title="ANNOVAR multianno table",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_annovar,
    versions="tables with Gene.refGene and the like; Otherinfo in one column or in numbered ones",
    columns_source="ANNOVAR documentation, table_annovar.pl",
)
