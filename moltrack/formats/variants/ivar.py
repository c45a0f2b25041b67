"""iVar: the table of ``ivar variants``.

Units   1-based; ``+ACG`` inserts after, ``-ACG`` deletes after the base at POS; ``ALT_FREQ`` = ``ALT_DP``/``TOTAL_DP``
Filter  PASS is the result of Fisher's test: FALSE is kept as a filter
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from moltrack.formats.files import Head
from moltrack.formats.registry import Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.formats.variants.annotation import Annotation
from moltrack.formats.variants.header import checked_build, chromosome
from moltrack.formats.variants.levels import Reads
from moltrack.formats.variants.selection import Selection
from moltrack.formats.variants.tabular import TableReader, allele, evidence, fraction, variant
from moltrack.model import Call, Coverage, Record, Technique

REQUIRED = ("REGION", "POS", "REF", "ALT", "REF_DP", "ALT_DP", "ALT_FREQ", "TOTAL_DP")


def sniff(head: Head) -> Sniff:
    """Certain when the header has iVar's columns."""
    return Sniff.CERTAIN if head.has_columns(*REQUIRED) else Sniff.NO


def read_ivar(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Calls of an iVar table, restricted to the genes asked for."""
    table = read_table(path, required=REQUIRED, delimiter="\t", limits=options.limits)
    selection = Selection.of(options.genes)
    build, build_evidence = checked_build(path, "", "", options.build)

    def record_of(row: Row) -> tuple[str, Call | Coverage] | None:
        ref, alt = row.need("REF"), row.raw("ALT")
        if alt.startswith("+"):
            alt = ref + alt[1:]
        elif alt.startswith("-"):
            ref, alt = ref + alt[1:], ref
        found = allele(row, row.count("POS"), ref, alt, inserted_after=False)
        finding = variant(build, chromosome(row.need("REGION")), found, Annotation(), selection)
        alternative = row.count("ALT_DP")
        reads = (
            None
            if alternative is None
            else Reads(alternative, row.count("REF_DP"), row.count("TOTAL_DP"), "ALT_DP/TOTAL_DP")
        )
        record = evidence(finding, row, reads, fraction(row, "ALT_FREQ"))
        if isinstance(record, Call) and row.text("PASS").upper() == "FALSE":
            record = replace(record, filters=("PASS=FALSE",))
        return finding.gene, record

    yield from TableReader("iVar", options, selection, "", build, build_evidence).read(table.rows, record_of)


IVAR = Format(
    name="ivar",
    title="iVar variants table",
    family="variants",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff,
    read=read_ivar,
    versions="1.3",
    columns_source="iVar manual, 'ivar variants'",
)
