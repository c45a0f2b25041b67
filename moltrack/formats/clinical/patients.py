"""Patients: sex, age, prior disease and therapy, donor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from moltrack.formats.clinical import cells, own
from moltrack.formats.clinical.own import PATIENT_NAMES, Column, OwnTable
from moltrack.formats.files import Head
from moltrack.formats.registry import ReadOptions, Sniff
from moltrack.formats.tables import Row
from moltrack.model import PatientInfo, Record

TABLE = OwnTable(
    name="patients",
    title="Patients: one row each; every cell but the id may stay empty",
    columns=(
        Column(
            "patient",
            "patient id",
            PATIENT_NAMES,
        ),
        Column("sex", "F, M or other", ("gender", "geschlecht")),
        Column("age", "completed years at diagnosis", ("age_at_diagnosis", "alter", "age_years"), numeric=True),
        Column("diagnosis", "disease as diagnosed: AML, APL, MDS ...", ("disease", "diagnose")),
        Column("prior_disease", "MDS, MPN ... before it", ("antecedent", "vorerkrankung")),
        Column(
            "prior_therapy", "cytotoxic therapy or radiation for another disease", ("previous_therapy", "vortherapie")
        ),
        Column("hma_pretreated", "yes or no: treated with a hypomethylating agent before", ("hma", "prior_hma")),
        Column(
            "constitutional", "constitutional findings: trisomy 21, germline DDX41 ...", ("germline", "konstitutionell")
        ),
        Column("donor", "donor of a transplant: related, unrelated, haploidentical, or an id", ("spender",)),
        own.NOTE,
    ),
    needs=(frozenset({"patient"}),),
    rules=("An empty cell is unknown, never 'no'.",),
    example={"patient": "P01", "sex": "F", "age": "54", "diagnosis": "AML", "hma_pretreated": "no"},
    describes_samples=False,
)

_SEX = {
    "F": ("f", "female", "w", "weiblich", "xx", "woman"),
    "M": ("m", "male", "männlich", "maennlich", "xy", "man"),
    "other": ("other", "divers", "d", "x"),
    "": ("", "unknown", "unbekannt", "na"),
}


def read_patients(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield one :class:`~moltrack.model.PatientInfo` per row.

    Raises
    ------
    FormatError
        A row names no patient, a patient stands there twice, or a cell cannot be.
    """
    rows = own.read_own(path, options, TABLE)
    yield rows.info()
    lines: dict[str, int] = {}
    for row in rows.rows:
        patient = row.need("patient")
        if patient in lines:
            raise row.error(
                f"describes patient '{patient}' again (first on line {lines[patient]}).",
                advice="Keep one row per patient.",
            )
        lines[patient] = row.line
        yield PatientInfo(
            patient=patient,
            sex=_sex(row),
            age=cells.as_float(row.number("age", 0, 130)),
            diagnosis=row.text("diagnosis"),
            prior_disease=row.text("prior_disease"),
            prior_therapy=row.text("prior_therapy"),
            hma_pretreated=cells.yes_no(row, "hma_pretreated"),
            constitutional=row.text("constitutional"),
            donor=row.text("donor"),
            note=row.text("note"),
            line=row.line,
        )


def _sex(row: Row) -> str:
    word = row.text("sex").lower()
    for sex, spellings in _SEX.items():
        if word in spellings:
            return sex
    raise row.error(f"column 'sex' holds '{row.raw('sex')}'.", advice="Write F, M or other.")


def sniff_patients(head: Head) -> Sniff:
    """Certain when marked; otherwise likely if something but the id is described and every column is a patient's."""
    sniff = own.sniff_own(head, TABLE)
    described = set(TABLE.columns_in(own.header_of(head))) - {"patient", "note", ""}
    return sniff if sniff is Sniff.CERTAIN or (sniff is Sniff.LIKELY and described) else Sniff.NO


PATIENTS = own.format_of(TABLE, read_patients, sniff=sniff_patients)
