"""Small VCFs written by the tests."""

from __future__ import annotations

HG38 = "##contig=<ID=chr13,length=114364328>"
HG19 = "##contig=<ID=13,length=115169878>"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
FLT3_D835Y = ("chr13", 28018505, "C", "A")  # GRCh38


def vcf(
    *rows: str, meta: tuple[str, ...] = (HG38,), samples: tuple[str, ...] = ("S1",), version: str = "4.2"
) -> tuple[str, ...]:
    """Lines of a VCF."""
    columns = "\t".join((COLUMNS, "FORMAT", *samples)) if samples else COLUMNS
    return (f"##fileformat=VCFv{version}", *meta, columns, *rows)


def row(
    chrom: str = "chr13",
    pos: int | str = 28018505,
    ref: str = "C",
    alt: str = "A",
    filter_: str = "PASS",
    info: str = ".",
    format_: str = "",
    *samples: str,
) -> str:
    """One line of a VCF."""
    return "\t".join((chrom, str(pos), ".", ref, alt, ".", filter_, info, *((format_, *samples) if format_ else ())))
