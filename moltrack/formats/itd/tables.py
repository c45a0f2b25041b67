"""Other tables of duplications: rose-dt (HAMLET), the AML-SG cohort table, FiLT3r, and fragment-analysis peaks.

=============  =============================================================================================================
rose-dt        transcript coordinates of its own FASTA; which gene, only the file's name says (``....flt3.csv``); counts are
               soft-clipped reads, their denominator stands in another file, so that no level is given
AML-SG         ``Read_count`` / ``Coverage``; GRCh37; ``Second_ITD`` holds a second clone (``21___13:28608276___30___SEQ___...``)
FiLT3r         JSON; ``VAF`` = ``occurrence`` / ``region_coverage``, ``MT/WT`` = ``occurrence`` / ``wt_coverage``; read from its
               documentation, not from a file
Peak tables    GeneMapper and PeakScanner exports; the wild type is the largest peak from 326 to 332 bp (usual primers: 328-330),
               every longer peak of its dye a duplication; read from public parsers, not from a file
=============  =============================================================================================================
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from moltrack.errors import FormatError
from moltrack.formats.files import Head, read_text
from moltrack.formats.itd.calls import (
    build_of_site,
    chromosome,
    fraction_of_counts,
    looked_at,
    make_itd,
    reverse_complement,
)
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Call, Counts, FileInfo, Itd, Printed, Record, Refused, Result, Technique

_UNVERIFIED = "unverified: read by the documentation of the format"

# --- rose-dt ----------------------------------------------------------------------------------------------------------

ROSE_COLUMNS = ("td_starts", "td_ends", "rose_start_count", "rose_end_count", "boundary_type", "fuzziness")


def read_rose_dt(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per duplication, and that its gene was looked at.

    Raises
    ------
    FormatError
        The file's name does not end in ``.flt3.csv`` or ``.kmt2a.csv``: the rows do not say which gene they are of.
    """
    named = re.search(r"[._-](flt3|kmt2a)\.(?:csv|tsv|txt)$", path.name, re.IGNORECASE)
    if named is None:
        raise FormatError(
            "does not say which gene it is of.",
            path=path,
            advice="Give it back its name, which ends in .flt3.csv or .kmt2a.csv.",
        )
    gene = named[1].upper()
    table = read_table(path, required=ROSE_COLUMNS, delimiter="\t", limits=options.limits)
    yield FileInfo(tool="rose-dt", header_only=not table.rows, rows=len(table.rows), kept=len(table.rows))
    for row in table.rows:
        starts, ends = (_positions(row, name) for name in ("td_starts", "td_ends"))
        lengths = {
            end - start + 1
            for start, end in (zip(starts, ends, strict=True) if len(starts) == len(ends) else product(starts, ends))
        }
        length = lengths.pop() if len(lengths) == 1 else None
        yield Call(
            finding=Itd(
                gene,
                length=length,
                in_frame=None if length is None else length % 3 == 0,
                exons=f"transcript {row.text('td_starts')}-{row.text('td_ends')}",
            ),
            line=row.line,
            result=Result.POSITIVE,
            technique=Technique.RNA_SEQUENCING,
            extra=tuple((name, row.text(name)) for name in ROSE_COLUMNS),
        )
    yield looked_at(gene, table.header_line, note="rose-dt ran")


def _positions(row: Row, column: str) -> list[int]:
    parts = row.need(column).split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise row.error(f"column '{column}' holds '{row.raw(column)}', expected positions.")
    return [int(part) for part in parts]


# --- AML-SG -----------------------------------------------------------------------------------------------------------

AMLSG_COLUMNS = ("Sample", "FLT3_ITD_status", "Read_count", "Insertion_pt", "Length", "Inserted_sequence", "Coverage")


def read_amlsg(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the calls of each sample: its clones, or that no duplication was found.

    Raises
    ------
    FormatError
        A status other than ITD and No_ITD, or an insertion point that is no position.
    """
    table = read_table(path, required=AMLSG_COLUMNS, limits=options.limits)
    yield FileInfo(
        tool="AML-SG",
        build="GRCh37",
        build_evidence="positions of FLT3",
        header_only=not table.rows,
        rows=len(table.rows),
        kept=len(table.rows),
    )
    for row in table.rows:
        status = row.need("FLT3_ITD_status").lower()
        depth = row.count("Coverage")
        if status == "no_itd":
            yield Call(
                Itd("FLT3", aggregate=True),
                row.line,
                result=Result.NEGATIVE,
                counts=Counts(depth=depth),
                sample=row.need("Sample"),
                technique=Technique.DNA_SEQUENCING,
            )
        elif status == "itd":
            yield _amlsg_call(
                row,
                row.text("Read_count"),
                row.text("Insertion_pt"),
                row.text("Length"),
                row.text("Inserted_sequence"),
                depth,
            )
            if second := row.text("Second_ITD"):
                reads, site, length, sequence = [*second.split("___"), "", "", ""][:4]
                yield _amlsg_call(row, reads, site, length, sequence, depth)
        else:
            raise row.error(f"column 'FLT3_ITD_status' holds '{row.raw('FLT3_ITD_status')}', expected ITD or No_ITD.")


def _amlsg_call(row: Row, reads: str, site: str, length: str, sequence: str, depth: int | None) -> Call:
    match = re.fullmatch(r"(?:chr)?(\w+):(\d+)", site.strip())
    if match is None or not reads.strip().isdecimal():
        raise row.error(f"holds the duplication '{reads} {site}', expected reads and chromosome:position.")
    alt = int(reads)
    bases = sequence.strip().strip(".")
    return Call(
        finding=make_itd(
            "FLT3",
            int(length) if length.strip().isdecimal() else None,
            build="GRCh37",
            chrom=match[1],
            pos=int(match[2]),
            sequence=bases,
        ),
        line=row.line,
        levels=(fraction_of_counts(alt, depth),) if depth else (),
        counts=Counts(alt=alt, depth=depth),
        formula="Read_count / Coverage",
        sample=row.need("Sample"),
        technique=Technique.DNA_SEQUENCING,
    )


# --- FiLT3r -----------------------------------------------------------------------------------------------------------


def read_filt3r(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per duplication of ``details``, and that FLT3 was looked at.

    Raises
    ------
    FormatError
        Not the JSON of FiLT3r, or a key that does not hold a number.
    """
    try:
        content = json.loads(read_text(path, limits=options.limits))
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(f"is not JSON ({error}).", path=path) from None
    if not isinstance(content, dict) or not isinstance(content.get("details"), list):
        raise FormatError("is not FiLT3r's JSON: it has no list 'details'.", path=path)
    events = [event for event in content["details"] if isinstance(event, dict)]
    duplications = [event for event in events if event.get("is_duplication") in {True, "true", "TRUE", "True"}]
    yield FileInfo(
        tool="FiLT3r",
        tool_version=str(content.get("version", "")),
        rows=len(events),
        kept=len(duplications),
        notes=(_UNVERIFIED,),
    )
    for number, event in enumerate(duplications, start=1):
        yield _filt3r_call(path, event, number)
    reads = content.get("nb_filtered")
    evaluable = not (isinstance(reads, int) and reads == 0)
    yield looked_at(
        "FLT3", 0, evaluable=evaluable, note="FiLT3r ran" if evaluable else "no read of FiLT3r matched the reference"
    )


def _filt3r_call(path: Path, event: Mapping[str, Any], number: int) -> Call:
    def value(key: str) -> float:
        found = event.get(key)
        if isinstance(found, bool) or not isinstance(found, int | float) or found < 0:
            raise FormatError(f"event {number}: {key} holds '{found}', expected a number.", path=path)
        return float(found)

    alt, depth, wild_type = value("occurrence"), value("region_coverage"), value("wt_coverage")
    levels: list[Printed] = []
    if depth:
        levels.append(fraction_of_counts(min(alt, depth), depth))
    if wild_type:
        levels.append(
            Printed("allelic_ratio", Decimal(repr(alt)) / Decimal(repr(wild_type)), "ratio", f"{alt:g}/{wild_type:g}")
        )
    match = re.match(r"(?:chr)?(\w+):(\d+)(?:-\d+)?:?(-1|\+?1)?", str(event.get("reference_pos", "")))
    chrom, pos = (chromosome(match[1]), int(match[2])) if match else ("", None)
    build = build_of_site(chrom, pos) if pos is not None else ""
    is_minus = bool(match and match[3] == "-1")
    sequence = str(event.get("sequence", ""))
    return Call(
        # The position is the duplicated sequence's first base on the strand of the reference that was given.
        finding=make_itd(
            "FLT3",
            int(value("size")),
            build=build,
            chrom=chrom,
            pos=(pos - int(value("size")) + 1 if is_minus else pos) if build and pos is not None else None,
            site_rule="first_duplicated",
            sequence=reverse_complement(sequence) if is_minus else sequence,
        ),
        line=0,
        levels=tuple(levels),
        counts=Counts(alt=alt, depth=depth),
        formula="occurrence / region_coverage; occurrence / wt_coverage",
        technique=Technique.UNKNOWN,
        notes=(_UNVERIFIED,),
        extra=(("event", str(number)),),
    )


# --- peaks of fragment analysis ---------------------------------------------------------------------------------------

#: Where the wild-type peak of FLT3 exons 14-15 lies with the usual primers (Murphy, J Mol Diagn 2003;5:96: 330 bp, sized 326-332).
_WILD_TYPE = (Decimal(326), Decimal(332))
#: A longer peak is a duplication from 3 bases on; sizing is off by less than half of that.
_STEP = Decimal("2.5")


def read_peaks(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one call per peak longer than the wild type, by sample and dye; a sample without wild-type peak is refused."""
    table = read_table(
        path,
        required=("Size", "Area"),
        synonyms=_PEAK_NAMES,
        numeric=("Size", "Height", "Area"),
        decimal=options.decimal,
        limits=options.limits,
    )
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in table.rows:
        if row.number("Size", 0) is not None:
            groups.setdefault((row.text("sample"), re.split(r"[ ,]", row.text("peak") + " ")[0].upper()), []).append(
                row
            )
    yield FileInfo(
        tool="fragment analysis",
        header_only=not groups,
        rows=len(table.rows),
        kept=len(table.rows),
        notes=(_UNVERIFIED,),
    )
    by_sample: dict[str, list[list[Row]]] = {}
    for (sample, _), rows in groups.items():
        by_sample.setdefault(sample, []).append(rows)
    for sample, dyes in by_sample.items():
        with_wild_type = [rows for rows in dyes if any(_is_wild_type(row) for row in rows)]
        if not with_wild_type:
            yield Refused(
                dyes[0][0].line, f"sample '{sample}' has no wild-type peak from {_WILD_TYPE[0]} to {_WILD_TYPE[1]} bp."
            )
        for rows in with_wild_type:
            yield from _peaks_of(rows, sample)


def _is_wild_type(row: Row) -> bool:
    size = row.number("Size", 0)
    return size is not None and _WILD_TYPE[0] <= size <= _WILD_TYPE[1]


def _peaks_of(rows: list[Row], sample: str) -> Iterator[Record]:
    wild_type = max((row for row in rows if _is_wild_type(row)), key=lambda row: row.number("Area", 0) or 0)
    base, area = wild_type.number("Size", 0) or Decimal(0), wild_type.number("Area", 0)
    if not area:
        yield Refused(wild_type.line, "the wild-type peak has no area.")
        return
    for row in rows:
        size, own = row.number("Size", 0), row.number("Area", 0)
        if size is None or own is None or size < base + _STEP:
            continue
        yield Call(
            finding=make_itd("FLT3", int((size - base).to_integral_value())),
            line=row.line,
            levels=(Printed("allelic_ratio", own / area, "ratio", f"{own}/{area}"),),
            formula="area of the peak / area of the wild-type peak",
            sample=sample,
            technique=Technique.FRAGMENT_ANALYSIS,
            notes=(_UNVERIFIED,),
            extra=(("size", str(size)), ("wild_type_size", str(base))),
        )
    yield looked_at("FLT3", wild_type.line, sample=sample, note="wild-type peak seen")


_PEAK_NAMES = {
    "Dye/Sample Peak": "peak",
    "Dye, Sample Peak": "peak",
    "Dye": "peak",
    "Sample File Name": "sample",
    "Sample File": "sample",
    "Sample Name": "sample",
    "Area in Point": "Area",
    "Peak Area": "Area",
}


def sniff_rose_dt(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns(*ROSE_COLUMNS) else Sniff.NO


def sniff_amlsg(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.has_columns(*AMLSG_COLUMNS) else Sniff.NO


def sniff_filt3r(head: Head) -> Sniff:
    text = head.text.lstrip()
    return Sniff.CERTAIN if text.startswith("{") and '"nb_filtered"' in text and '"details"' in text else Sniff.NO


def sniff_peaks(head: Head) -> Sniff:
    names = {cell.lower() for cell in head.header}
    is_peaks = (
        {"size", "height"} <= names
        and bool(names & {"area", "area in point", "peak area"})
        and bool(names & {"dye/sample peak", "dye, sample peak", "data point"})
    )
    return Sniff.CERTAIN if is_peaks else Sniff.NO


ROSE_DT = Format(
    name="rose_dt",
    title="rose-dt of HAMLET: duplications of FLT3 and KMT2A in RNA",
    family="itd",
    technique=Technique.RNA_SEQUENCING,
    sniff=sniff_rose_dt,
    read=read_rose_dt,
    versions="HAMLET 2",
    columns_source="HAMLET test expectations",
)

AMLSG = Format(
    name="amlsg_itd",
    title="AML-SG cohort table of FLT3-ITD",
    family="itd",
    technique=Technique.DNA_SEQUENCING,
    sniff=sniff_amlsg,
    read=read_amlsg,
    versions="the public table",
    columns_source="AML-SG public table",
    empty=Empty.ASK,
)

FILT3R = Format(
    name="filt3r",
    title="FiLT3r: FLT3-ITD (JSON; unverified)",
    family="itd",
    technique=Technique.UNKNOWN,
    sniff=sniff_filt3r,
    read=read_filt3r,
    versions="as documented",
    columns_source="FiLT3r documentation",
)

PEAKS = Format(
    name="fragment_peaks",
    title="Fragment analysis: peak table of GeneMapper or PeakScanner (unverified)",
    family="itd",
    technique=Technique.FRAGMENT_ANALYSIS,
    sniff=sniff_peaks,
    read=read_peaks,
    versions="exports as public parsers read them",
    columns_source="public parsers of GeneMapper and PeakScanner exports",
    empty=Empty.ASK,
)
