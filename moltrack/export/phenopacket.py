"""A GA4GH Phenopacket v2 of a patient: biosamples, measurements of every observation, and the fusions and variants found.

Built with the ``phenopackets`` library, which holds the schema (phenopacket-schema.readthedocs.io).
"""

from __future__ import annotations

from typing import Any

from moltrack.errors import InputError
from moltrack.export.cells import sex_word
from moltrack.model import PatientView, PlacedSample, Tissue

#: UBERON terms of the two tissues.
TISSUES = {Tissue.BM: ("UBERON:0002371", "bone marrow"), Tissue.PB: ("UBERON:0000178", "blood")}

RESOURCES = (
    (
        "uberon",
        "Uberon multi-species anatomy ontology",
        "http://purl.obolibrary.org/obo/uberon.owl",
        "UBERON",
        "http://purl.obolibrary.org/obo/UBERON_",
    ),
    (
        "ncit",
        "NCI Thesaurus",
        "http://purl.obolibrary.org/obo/ncit.owl",
        "NCIT",
        "http://purl.obolibrary.org/obo/NCIT_",
    ),
    ("ucum", "Unified Code for Units of Measure", "https://ucum.org", "UCUM", "https://ucum.org/"),
)

#: NCIT terms for a test's outcome.
OUTCOMES = {
    "detected": ("NCIT:C25626", "Present"),
    "not_detected": ("NCIT:C48190", "Absent"),
    "not_evaluable": ("NCIT:C62222", "Not Evaluable"),
}


def phenopacket(view: PatientView, *, created: str) -> str:
    """The packet as JSON text. ``created`` is an RFC 3339 time stamp.

    Raises
    ------
    InputError
        The library is not installed.
    """
    try:
        import phenopackets as pp
        from google.protobuf.json_format import MessageToJson
        from google.protobuf.timestamp_pb2 import Timestamp
    except ImportError:
        raise InputError(
            "Phenopackets need the package phenopackets.", advice="Install it with: pip install 'moltrack[exchange]'"
        ) from None
    patient = view.records.patient
    sex = {"female": pp.FEMALE, "male": pp.MALE}.get(sex_word(patient.sex), pp.UNKNOWN_SEX)
    stamp = Timestamp()
    stamp.FromJsonString(created)
    packet = pp.Phenopacket(
        id=f"moltrack-{patient.patient}",
        subject=pp.Individual(id=patient.patient, sex=sex),
        biosamples=[_biosample(pp, patient.patient, sample) for sample in view.axis.samples],
        measurements=[_measurement(pp, dict(row)) for row in view.table],
        meta_data=pp.MetaData(
            created=stamp,
            created_by=f"moltrack {view.provenance.program_version}",
            phenopacket_schema_version="2.0",
            resources=[
                pp.Resource(id=key, name=name, url=url, version="unversioned", namespace_prefix=prefix, iri_prefix=iri)
                for key, name, url, prefix, iri in RESOURCES
            ],
        ),
    )
    text: str = MessageToJson(packet, indent=2)
    return text


def _biosample(pp: Any, patient: str, sample: PlacedSample) -> Any:
    made = pp.Biosample(id=sample.info.sample, individual_id=patient, description=str(sample.info.time))
    if sample.info.tissue in TISSUES:
        term, label = TISSUES[sample.info.tissue]
        made.sampled_tissue.CopyFrom(pp.OntologyClass(id=term, label=label))
    return made


def _measurement(pp: Any, row: dict[str, Any]) -> Any:
    name = f"{row['label']} {row['quantity']}".strip()
    made = pp.Measurement(
        description=f"sample {row['sample']}; {row['assay']}; {row['status'].replace('_', ' ')}; printed '{row['printed']}'",
        assay=pp.OntologyClass(id=f"moltrack:{row['marker'].replace(' ', '_')}", label=name),
    )
    if row["status"] == "detected" and row["level"] is not None:
        made.value.CopyFrom(
            pp.Value(
                quantity=pp.Quantity(unit=pp.OntologyClass(id="UCUM:1", label=row["quantity"]), value=row["level"])
            )
        )
    else:
        term, label = OUTCOMES[row["status"]]
        made.value.CopyFrom(pp.Value(ontology_class=pp.OntologyClass(id=term, label=label)))
    return made
