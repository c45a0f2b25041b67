"""Variants as a laboratory types them: gene, HGVS, VAF, class, depth. For reports that come without a VCF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.names import is_gene
from moltrack.formats.clinical.own import Column, OwnRows, OwnTable
from moltrack.formats.clinical.results import read_results
from moltrack.formats.files import Head
from moltrack.formats.registry import ReadOptions, Sniff
from moltrack.formats.tables import Row
from moltrack.model import Call, Counts, Itd, Record, SmallVariant, Technique

TABLE = OwnTable(
    name="variants",
    title="Small variants typed from a report: one row per variant and sample",
    columns=(
        Column("gene", "HGNC symbol", ("gen", "gene_symbol", "symbol", "hugo_symbol")),
        Column("transcript", "NM_... or ENST...", ("refseq", "transkript", "transcript_id")),
        Column("hgvs_c", "c.1934dup", ("c", "cdna", "hgvsc", "c_dot", "c_hgvs", "nukleotid", "coding")),
        Column(
            "hgvs_p",
            "p.Gly646TrpfsTer12",
            ("p", "protein", "hgvsp", "p_dot", "p_hgvs", "aa_change", "aminosäure", "aminosaeure"),
        ),
        Column("chrom", "or the allele: chromosome", ("chromosome", "chr")),
        Column("pos", "1-based position as in a VCF", ("position",), numeric=True),
        Column("ref", "reference allele as in a VCF", ()),
        Column("alt", "alternative allele as in a VCF", ()),
        Column("build", "GRCh37 or GRCh38, when pos is given", ("genome",)),
        Column(
            "vaf",
            "variant allele fraction: 6 %, 0.06, <0.1 %",
            (
                "af",
                "allele_frequency",
                "allelfrequenz",
                "variant_allele_frequency",
                "variant_allele_fraction",
                "vaf_value",
            ),
            numeric=True,
        ),
        Column("depth", "reads in all", ("coverage", "dp", "tiefe", "abdeckung", "total_reads"), numeric=True),
        Column(
            "alt_reads", "reads with the variant", ("variant_reads", "ad", "mutant_reads", "alt_count"), numeric=True
        ),
        Column(
            "class",
            "pathogenic, likely pathogenic, uncertain, likely benign, benign, or 5 to 1",
            ("classification", "klasse", "klassifikation", "acmg", "pathogenicity", "significance"),
        ),
        own.RESULT,
        *own.LIMITS,
        own.TECHNIQUE,
        own.ASSAY,
        own.NOTE,
    ),
    needs=(frozenset({"gene", "vaf"}), frozenset({"gene", "hgvs_c"}), frozenset({"gene", "hgvs_p"})),
    rules=(
        "A variant that a report does not list is not tested, unless its assay covers the gene (assay sheet) or --covers says so.",
    ),
    example={
        "sample": "S1",
        "gene": "IDH2",
        "hgvs_c": "c.419G>A",
        "hgvs_p": "p.Arg140Gln",
        "vaf": "41.2 %",
        "depth": "1520",
        "class": "pathogenic",
        "date": "2021-05-12",
        "tissue": "BM",
    },
)

#: A laboratory's words and tiers for the five classes (Richards, Genet Med 2015;17:405).
CLASSES = {
    "pathogenic": ("pathogenic", "5", "class 5", "klasse 5", "pathogen", "p", "v"),
    "likely_pathogenic": (
        "likely pathogenic",
        "likely_pathogenic",
        "4",
        "class 4",
        "klasse 4",
        "wahrscheinlich pathogen",
        "lp",
        "iv",
    ),
    "uncertain": (
        "uncertain",
        "vus",
        "3",
        "class 3",
        "klasse 3",
        "uncertain significance",
        "unklar",
        "unklare signifikanz",
        "iii",
    ),
    "likely_benign": (
        "likely benign",
        "likely_benign",
        "2",
        "class 2",
        "klasse 2",
        "wahrscheinlich benigne",
        "lb",
        "ii",
    ),
    "benign": ("benign", "1", "class 1", "klasse 1", "benigne", "b", "i"),
}


def read_variants(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per row that states something.

    Raises
    ------
    FormatError
        An unknown gene, a VAF outside 0 to 1 (or 100 %), more variant reads than reads, an unknown class.
    """
    return read_results(path, options, TABLE, lambda row, rows: _calls(row, rows, options))


def _calls(row: Row, rows: OwnRows, options: ReadOptions) -> Iterator[Call]:
    unit = "%" if "vaf" in rows.percent else ""
    result = cells.result_of(row, rows)
    cell = cells.value_of(row, rows, "vaf", "vaf", unit=unit)
    depth, alt = row.count("depth"), row.count("alt_reads")
    if depth is not None and alt is not None and alt > depth:
        raise row.error(f"counts {alt} variant reads of {depth}.")
    cells.refuse_contradiction(row, result, cell)
    if not cell.states and result is None and not (row.text("hgvs_c") or row.text("hgvs_p") or row.text("pos")):
        return
    if not cell.states and result is None and alt is None:
        raise row.error(
            "names a variant without VAF or result.",
            advice="Write 'positive' as result if it was found without a level.",
        )
    yield Call(
        finding=_finding(row, options),
        line=row.line,
        result=cells.settled(result, cell),
        levels=(cell.printed,) if cell.printed is not None else (),
        counts=Counts(alt=alt, depth=depth, ref=depth - alt if alt is not None and depth is not None else None),
        limits=cells.limits_of(row, "vaf", cells.unit_of_limits(row, rows, "vaf", cell, unit)),
        patient=row.text("patient"),
        sample=row.text("sample"),
        assay=row.text("assay"),
        technique=cells.technique_of(row, Technique.DNA_SEQUENCING),
        classification=class_of(row),
        notes=cells.notes_of(row),
        extra=rows.extra(row),
    )


def class_of(row: Row) -> str:
    """The laboratory's class in the five words; "" when it gives none."""
    text = row.text("class").lower().replace("-", " ").strip()
    if not text:
        return ""
    for name, words in CLASSES.items():
        if text in words or text.replace(" ", "_") == name:
            return name
    raise row.error(
        f"column 'class' holds '{row.raw('class')}'.",
        advice="Write pathogenic, likely pathogenic, uncertain, likely benign, benign or 5 to 1.",
    )


def _finding(row: Row, options: ReadOptions) -> SmallVariant | Itd:
    gene = row.need("gene")
    if not is_gene(gene):
        raise row.error(
            f"column 'gene' holds '{gene}', which is not a gene that is known.", advice="Write the HGNC symbol."
        )
    pos = row.count("pos")
    build = cells.build_of(row, options.build)
    if pos is not None and not build:
        raise row.error("gives a position without its genome build.", advice="Fill in 'build' with GRCh37 or GRCh38.")
    if pos is not None and not (row.text("chrom") and row.text("ref") and row.text("alt")):
        raise row.error("gives a position without chrom, ref and alt.")
    coding, protein = row.text("hgvs_c"), row.text("hgvs_p")
    if pos is None and any(map(_DUPLICATION.fullmatch, (coding, protein))):
        return Itd(gene, aggregate=True)
    transcript = row.text("transcript")
    if match := re.match(r"((?:NM_|ENST)[\w.]+)(?:\([^)]*\))?:(c\..*)", coding):
        transcript, coding = transcript or match[1], match[2]
    return SmallVariant(
        build=build if pos is not None else "",
        chrom=row.text("chrom").removeprefix("chr").upper() if pos is not None else "",
        pos=pos,
        ref=row.text("ref").upper() if pos is not None else "",
        alt=row.text("alt").upper() if pos is not None else "",
        gene=gene,
        transcript=transcript,
        hgvs_c=_prefixed(coding, "c."),
        hgvs_p=_prefixed(protein.split(":")[-1].strip("()").removeprefix("p.").strip("()"), "p."),
    )


#: What stands in place of a change where a report names the duplication only.
_DUPLICATION = re.compile(r"(?:[cp]\.)?\(?(?:FLT3[ -])?(?:ITD|internal tandem duplication)\)?", re.IGNORECASE)


def _prefixed(text: str, prefix: str) -> str:
    return text if not text or text.startswith(prefix) else prefix + text


def sniff_variants(head: Head) -> Sniff:
    """As the other tables; a MAF has its own reader, whatever columns it shares."""
    if {"tumor_sample_barcode", "variant_classification"} <= {cell.lower() for cell in own.header_of(head)}:
        return Sniff.NO
    return own.sniff_own(head, TABLE)


VARIANTS = own.format_of(TABLE, read_variants, sniff=sniff_variants, technique=Technique.DNA_SEQUENCING)
