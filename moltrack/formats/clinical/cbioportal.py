"""cBioPortal's clinical files: timeline, patients, samples.

Source  cBioPortal file formats: ``data_timeline*.txt`` (tab; PATIENT_ID START_DATE STOP_DATE EVENT_TYPE and further columns; whole
        days from diagnosis, possibly negative; STOP_DATE may be blank or left out), ``data_clinical_patient*.txt`` and
        ``data_clinical_sample*.txt`` (four ``#`` lines of names, descriptions, types, priorities before the header)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical.described import tissue_named
from moltrack.formats.clinical.own import header_of
from moltrack.formats.files import Head
from moltrack.formats.registry import Empty, Format, ReadOptions, Sniff
from moltrack.formats.tables import Row, read_table
from moltrack.model import Event, EventType, FileInfo, PatientInfo, Record, SampleInfo, Technique, Time, Tissue

#: The event that timelines count from.
DIAGNOSIS = "diagnosis"

_TYPES = {"TREATMENT": EventType.TREATMENT, "LAB_TEST": EventType.NOTE, "TOXICITY": EventType.TOXICITY}


def read_timeline(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one event per row, in days from diagnosis; a SPECIMEN row that names its sample is that sample.

    Raises
    ------
    FormatError
        A row without a whole START_DATE, or that stops before it starts.
    """
    table = read_table(
        path, required=("PATIENT_ID", "START_DATE", "EVENT_TYPE"), comment="#", delimiter="\t", limits=options.limits
    )
    yield FileInfo(tool="cBioPortal", header_only=not table.rows, rows=len(table.rows), kept=len(table.rows))
    for row in table.rows:
        start, stop = _day(row, "START_DATE"), _day(row, "STOP_DATE")
        if start is None:
            raise row.error("column 'START_DATE' is empty.")
        if stop is not None and stop < start:
            raise row.error(f"stops on day {stop}, before it starts on day {start}.")
        kind = row.need("EVENT_TYPE").upper()
        sample = row.text("SAMPLE_ID") or row.text("SPECIMEN_REFERENCE_NUMBER")
        if kind == "SPECIMEN" and sample:
            site = tissue_named(row.text("SPECIMEN_SITE")) or Tissue.UNKNOWN
            yield SampleInfo(
                row.need("PATIENT_ID"), sample, Time.day(start, anchor=DIAGNOSIS), tissue=site, line=row.line
            )
            continue
        described = [text for name in table.header if name not in _FIXED and (text := row.text(name))]
        agent = row.text("AGENT")
        yield Event(
            type=_TYPES.get(kind, EventType.NOTE),
            name=agent or " ".join([kind.lower(), *described[:2]]),
            start=Time.day(start, anchor=DIAGNOSIS),
            end=None if stop is None else Time.day(stop, anchor=DIAGNOSIS),
            patient=row.need("PATIENT_ID"),
            drugs=(agent,) if agent else (),
            recorded_by=row.text("SOURCE"),
            note="; ".join(described),
            line=row.line,
        )


_FIXED = frozenset({"PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "AGENT", "SOURCE", "SAMPLE_ID"})


def _day(row: Row, column: str) -> int | None:
    number = row.number(column)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise row.error(f"column '{column}' holds '{row.text(column)}', expected a whole number of days.")
    return int(number)


def read_patients(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one patient per row: sex and age where the columns are the usual ones; survival is not taken over."""
    table = read_table(
        path, required=("PATIENT_ID",), comment="#", delimiter="\t", numeric=("AGE",), limits=options.limits
    )
    unused = [name for name in table.header if name not in {"PATIENT_ID", "SEX", "GENDER", "AGE"}]
    notes = (f"columns not read: {', '.join(unused)}",) if unused else ()
    yield FileInfo(
        tool="cBioPortal", header_only=not table.rows, rows=len(table.rows), kept=len(table.rows), notes=notes
    )
    for row in table.rows:
        sex = {"female": "F", "f": "F", "male": "M", "m": "M"}.get((row.text("SEX") or row.text("GENDER")).lower(), "")
        age = row.number("AGE", 0, 130)
        yield PatientInfo(row.need("PATIENT_ID"), sex=sex, age=None if age is None else float(age), line=row.line)


def read_samples(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one sample per row; the file says nothing of when it was taken."""
    table = read_table(path, required=("PATIENT_ID", "SAMPLE_ID"), comment="#", delimiter="\t", limits=options.limits)
    yield FileInfo(tool="cBioPortal", header_only=not table.rows, rows=len(table.rows), kept=len(table.rows))
    for row in table.rows:
        yield SampleInfo(row.need("PATIENT_ID"), row.need("SAMPLE_ID"), line=row.line)


def sniff_timeline(head: Head) -> Sniff:
    return Sniff.CERTAIN if {"PATIENT_ID", "START_DATE", "EVENT_TYPE"} <= set(header_of(head)) else Sniff.NO


def _has_four_lines(head: Head) -> bool:
    return (
        len(head.lines) > 4
        and all(line.startswith("#") for line in head.lines[:4])
        and not head.lines[0].startswith("##")
    )


def sniff_patients(head: Head) -> Sniff:
    header = set(header_of(head))
    return Sniff.CERTAIN if _has_four_lines(head) and "PATIENT_ID" in header and "SAMPLE_ID" not in header else Sniff.NO


def sniff_samples(head: Head) -> Sniff:
    return Sniff.CERTAIN if _has_four_lines(head) and {"PATIENT_ID", "SAMPLE_ID"} <= set(header_of(head)) else Sniff.NO


def sniff_meta(head: Head) -> Sniff:
    return Sniff.CERTAIN if head.text.startswith("cancer_study_identifier:") else Sniff.NO


def sniff_annotation(head: Head) -> Sniff:
    header = {cell.lower() for cell in header_of(head)}
    return Sniff.CERTAIN if {"tumor_sample_barcode", "overall_survival_status"} <= header else Sniff.NO


TIMELINE = Format(
    name="cbioportal_timeline",
    title="cBioPortal: timeline (days from diagnosis)",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_timeline,
    read=read_timeline,
    versions="the layout of its file format documentation",
    columns_source="cBioPortal file formats",
    empty=Empty.ASK,
)

PATIENTS = Format(
    name="cbioportal_patients",
    title="cBioPortal: clinical patient attributes",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_patients,
    read=read_patients,
    versions="the layout of its file format documentation",
    columns_source="cBioPortal file formats",
    empty=Empty.ASK,
)

SAMPLES = Format(
    name="cbioportal_samples",
    title="cBioPortal: clinical sample attributes",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_samples,
    read=read_samples,
    versions="the layout of its file format documentation",
    columns_source="cBioPortal file formats",
    empty=Empty.ASK,
)

META = Format(
    name="cbioportal_meta",
    title="cBioPortal: meta file",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_meta,
    versions="the layout of its file format documentation",
    columns_source="cBioPortal file formats",
    refuses="is a meta file of cBioPortal that describes another; ingest the file it names as data_filename.",
)

ANNOTATION = Format(
    name="maf_annotation",
    title="Clinical annotation table of a MAF (survival)",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_annotation,
    versions="files of maftools",
    columns_source="maftools manual, clinical data",
    refuses="holds survival and morphology of a cohort and no result of a test; ingest the MAF it belongs to.",
)
