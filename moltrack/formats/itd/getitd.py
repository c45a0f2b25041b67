"""getITD: FLT3-ITD clones from amplicon reads.

Source  ``itds_collapsed-is-same_is-similar_is-close_is-same_trailing_hc.tsv`` of getITD 1.5 (files of the earlier merging stages
        hold more rows; ``insertions_...`` every insertion, duplicated or not); ``stats.txt``
Build   GRCh37, whatever the laboratory uses elsewhere; coding strand, so that start_chr13_bp > end_chr13_bp
Units   ``vaf`` in percent with five significant digits; ``ar`` mutant / wild type; ``counts``, ``coverage`` in reads
Site    ``insertion_site_chr13_bp`` is the base before the insertion on the plus strand
Empty   no ITD found: getITD writes no table at all; ``stats.txt`` tells that from a run that failed
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text
from moltrack.formats.itd.calls import is_infinite, looked_at, make_itd, ratio_levels, reverse_complement
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Call, Counts, FileInfo, Printed, Record, Technique

COLUMNS = (
    "sample",
    "length",
    "vaf",
    "ar",
    "coverage",
    "counts",
    "seq",
    "domains",
    "insertion_site_chr13_bp",
    "insertion_site_domain",
)

_FINAL = "_trailing_hc.tsv"


def read_getitd(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per ITD clone, in the order of the file, and that FLT3 was looked at.

    Raises
    ------
    FormatError
        A table of an earlier merging stage, a missing column, or a cell that does not hold what its column promises.
    """
    if path.name.startswith("itds_collapsed") and not path.name.endswith(_FINAL):
        raise FormatError(
            "is a table of one of getITD's merging stages, which lists one clone several times.",
            path=path,
            advice=f"Ingest the itds_collapsed-..{_FINAL} beside it.",
        )
    table = read_table(path, required=COLUMNS, delimiter="\t", limits=options.limits)
    yield FileInfo(
        tool="getITD",
        build="GRCh37",
        build_evidence="getITD's coordinates",
        header_only=not table.rows,
        rows=len(table.rows),
        kept=len(table.rows),
    )
    for row in table.rows:
        yield _call(row)
    yield looked_at(
        "FLT3", table.header_line, sample=table.rows[0].text("sample") if table.rows else "", note="getITD ran"
    )


def _call(row: Row) -> Call:
    vaf = row.number("vaf", 0, 100)
    site = row.count("insertion_site_chr13_bp")
    if vaf is None or site is None:
        raise row.error("lacks vaf or insertion_site_chr13_bp.")
    fraction = Printed("vaf", vaf, "%", row.text("vaf"))
    if not is_infinite(row.need("ar")):
        row.number("ar", 0)
    levels, notes = ratio_levels(row.need("ar"), fraction)
    alt, depth = row.count("counts"), row.count("coverage")
    return Call(
        finding=make_itd(
            "FLT3",
            row.count("length"),
            build="GRCh37",
            chrom="13",
            pos=site,
            sequence=reverse_complement(row.text("seq")),
            domain=_domain(row.text("insertion_site_domain")),
        ),
        line=row.line,
        levels=levels,
        counts=Counts(alt=alt, depth=depth, ref=depth - alt if alt is not None and depth is not None else None),
        sample=row.text("sample"),
        technique=Technique.DNA_SEQUENCING,
        notes=notes,
        extra=(("domains", row.text("domains")),),
    )


def _domain(text: str) -> str:
    """JM or TKD1 of ``exon14_JMD_zipperMotif``, ``exon15_TKD1_beta2Sheet`` ..."""
    return "JM" if "JMD" in text else "TKD1" if "TKD1" in text else text


def read_stats(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield that getITD ran to its end and found nothing, or that it could not run.

    Raises
    ------
    FormatError
        ITDs were found: the table lists them, this file only counts them.
    """
    text = read_text(path, limits=options.limits)
    sample = re.search(r"PROCESSING SAMPLE (.+?) =+", text)
    name = sample[1].strip() if sample else ""
    reads = re.findall(r"Total reads remaining for analysis: (\d+)", text, re.ASCII)
    depth = float(reads[-1]) if reads else None
    remaining = re.findall(r"(\d+) itds remain after filtering", text, re.IGNORECASE | re.ASCII)
    if remaining and int(remaining[-1]):
        raise FormatError(
            f"counts {remaining[-1]} ITD(s) and does not list them.",
            path=path,
            advice=f"Ingest the itds_collapsed-..{_FINAL} beside it instead.",
        )
    yield FileInfo(
        tool="getITD", build="GRCh37", build_evidence="getITD's coordinates", samples=(name,) if name else ()
    )
    if "NO READS TO PROCESS" in text or depth == 0:
        evaluable, note = False, "getITD had no reads to process"
    elif remaining or re.search(r"^0 ITDs were found", text, re.MULTILINE):
        evaluable, note = True, "getITD ran and found no ITD"
    else:
        evaluable, note = False, "getITD did not run to its end"
    yield looked_at("FLT3", 1, depth=depth, sample=name, evaluable=evaluable, note=note)


def sniff_getitd(head: Head) -> Sniff:
    return (
        Sniff.CERTAIN if head.has_columns("insertion_site_chr13_bp", "external_bp", "counts_unique_total") else Sniff.NO
    )


def sniff_insertions(head: Head) -> Sniff:
    has_site = head.has_columns("insertion_site_chr13_bp", "counts_unique_total")
    return Sniff.CERTAIN if has_site and not head.has_columns("external_bp") else Sniff.NO


def sniff_stats(head: Head) -> Sniff:
    return Sniff.CERTAIN if re.search(r"^==== PROCESSING SAMPLE .* ====", head.text, re.MULTILINE) else Sniff.NO


def sniff_config(head: Head) -> Sniff:
    return (
        Sniff.CERTAIN
        if head.text.startswith("Commandline_argument\tValue") and "getITD_version" in head.text
        else Sniff.NO
    )


GETITD = Format(
    name="getitd",
    title="getITD: FLT3-ITD clones",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_getitd,
    read=read_getitd,
    versions="1.5",
    columns_source="getITD 1.5.17 output",
)

GETITD_STATS = Format(
    name="getitd_stats",
    title="getITD: stats.txt, which tells a negative run from a failed one",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_stats,
    read=read_stats,
    versions="1.5",
    columns_source="getITD 1.5.17 output and source",
)


GETITD_INSERTIONS = Format(
    name="getitd_insertions",
    title="getITD: insertions_... tables",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_insertions,
    columns_source="getITD 1.5.17 output",
    versions="1.5",
    empty=Empty.ASK,
    refuses=f"lists every insertion that getITD saw, duplicated or not; ingest the itds_collapsed-..{_FINAL} beside it.",
)

GETITD_CONFIG = Format(
    name="getitd_config",
    title="getITD: config.txt",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_config,
    columns_source="getITD 1.5.17 output",
    versions="1.5",
    empty=Empty.ASK,
    refuses="holds getITD's settings and no result; ingest stats.txt or the itds_... table beside it.",
)


def sniff_old(head: Head) -> Sniff:
    """Tables of before version 1: the place of the tandem within the amplicon, and no allelic ratio."""
    is_old = head.has_columns("length", "tandem2_start", "vaf", "counts") and not head.has_columns("ar")
    return Sniff.CERTAIN if is_old else Sniff.NO


GETITD_OLD = Format(
    name="getitd_old",
    title="getITD: tables of before version 1",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_old,
    columns_source="files of getITD of 2017 (github.com/tjblaette/getitd)",
    versions="of 2017",
    empty=Empty.ASK,
    refuses="is a table of getITD before version 1, whose vaf is in percent without saying so; run getITD 1.5, or type the ITDs"
    " into the table of 'moltrack formats --template itd'.",
)
