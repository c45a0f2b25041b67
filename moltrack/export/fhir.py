"""A FHIR R4B bundle of a patient: Patient, Specimens and one Observation per row of the table.

Built and validated with ``fhir.resources`` (hl7.org/fhir/R4B). A miss is an Observation whose interpretation is NEG and whose text
says the limit; it has no value, since none was measured.
"""

from __future__ import annotations

from typing import Any

from moltrack.errors import InputError
from moltrack.export.cells import sex_word
from moltrack.model import PatientView, Time, Tissue

#: SNOMED CT codes of the two tissues.
TISSUES = {Tissue.BM: ("119359002", "Bone marrow specimen"), Tissue.PB: ("122555007", "Venous blood specimen")}

INTERPRETATIONS = {
    "detected": ("POS", "Positive"),
    "not_detected": ("NEG", "Negative"),
    "not_evaluable": ("IND", "Indeterminate"),
}

INTERPRETATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def bundle(view: PatientView) -> str:
    """The bundle as JSON text, validated.

    Raises
    ------
    InputError
        The library is not installed.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle
    except ImportError:
        raise InputError(
            "FHIR needs the package fhir.resources.", advice="Install it with: pip install 'moltrack[exchange]'"
        ) from None
    info = view.records.patient
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "patient", "identifier": [{"value": info.patient}]}
    if sex := sex_word(info.sex):
        patient["gender"] = sex
    entries = [patient]
    numbers: dict[str, str] = {}
    for sample in view.axis.samples:
        numbers[sample.info.sample] = f"specimen-{sample.order}"
        entries.append(_specimen(numbers[sample.info.sample], sample.info.sample, sample.info.tissue, sample.info.time))
    entries += [
        _observation(number, dict(row), numbers.get(str(row["sample"])))
        for number, row in enumerate(view.table, start=1)
    ]
    made = Bundle.model_validate(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"fullUrl": f"urn:moltrack:{entry['id']}", "resource": entry} for entry in entries],
        }
    )
    text: str = made.model_dump_json(indent=2, exclude_none=True)
    return text


def _specimen(identifier: str, name: str, tissue: Tissue, time: Time) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "Specimen",
        "id": identifier,
        "identifier": [{"value": name}],
        "subject": {"reference": "urn:moltrack:patient"},
    }
    if tissue in TISSUES:
        code, display = TISSUES[tissue]
        made["type"] = {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": display}]}
    if time.first is not None and time.is_exact:
        made["collection"] = {"collectedDateTime": time.first.isoformat()}
    return made


def _observation(number: int, row: dict[str, Any], specimen: str | None) -> dict[str, Any]:
    code, display = INTERPRETATIONS[row["status"]]
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"observation-{number}",
        "status": "final",
        "code": {"text": f"{row['label']} {row['quantity']}".strip()},
        "subject": {"reference": "urn:moltrack:patient"},
        "method": {"text": f"{row['technique']} ({row['assay']})"},
        "interpretation": [{"coding": [{"system": INTERPRETATION_SYSTEM, "code": code, "display": display}]}],
    }
    if specimen:
        made["specimen"] = {"reference": f"urn:moltrack:{specimen}"}
    if row["status"] == "detected" and row["level"] is not None:
        made["valueQuantity"] = {"value": row["level"], "unit": row["quantity"]}
    elif row["text"]:
        made["valueString"] = row["text"]
    notes = [f"printed: {row['printed']}"] if row["printed"] else []
    notes += [f"{name}: {row[name]}" for name in ("cutoff", "lod", "loq") if row[name] is not None]
    notes += [f"source: {row['file']}:{row['line']}"] if row["file"] else []
    if notes:
        made["note"] = [{"text": "; ".join(notes)}]
    return made
