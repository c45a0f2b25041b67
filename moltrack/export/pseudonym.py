"""A patient without identifiers: keyed ids, dates shifted by a secret number of days, no free text.

Text that anybody can type (notes, labels, names of events, conclusions, reasons) leaves only where it is a known word: a drug of the
references, a response by its abbreviation, a flag of ours. Names of markers and assays stay: without them nothing can be read.

The same key gives the same pseudonym, so exports of different days fit together. Who holds the key and the database can find
the patient again (:func:`find_patient`); nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from moltrack import resources
from moltrack.errors import InputError
from moltrack.model import Event, Observation, Origin, OverrideAction, PatientInfo, PatientRecords, SampleInfo, Time

#: Shortest key that is accepted, in bytes.
KEY_BYTES = 16

#: Dates move into the past by 1 to this many days.
LARGEST_SHIFT = 364


def read_key(path: Path) -> bytes:
    """The key file's content.

    Raises
    ------
    InputError
        It cannot be read or is shorter than 16 bytes.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise InputError(f"the key file {path} cannot be read ({error.strerror}).") from None
    if len(key) < KEY_BYTES:
        raise InputError(
            f"the key in {path} is shorter than {KEY_BYTES} bytes.", advice="Make one with: openssl rand -hex 32"
        )
    return key


def _digest(key: bytes, what: str, text: str) -> bytes:
    return hmac.new(key, f"{what}\x1f{text}".encode(), hashlib.sha256).digest()


def pseudonym(key: bytes, what: str, text: str) -> str:
    """``P-`` or ``S-`` with 12 hexadecimal digits of HMAC-SHA256 under the key."""
    return f"{what[0].upper()}-{_digest(key, what, text).hex()[:12]}" if text else ""


def find_patient(key: bytes, wanted: str, patients: Iterable[str]) -> str | None:
    """The patient behind a pseudonym, among those of a database."""
    return next((patient for patient in patients if pseudonym(key, "patient", patient) == wanted), None)


def pseudonymize(records: PatientRecords, key: bytes) -> PatientRecords:
    """The same records without identifiers.

    Ids are keyed, calendar dates shifted by one secret number of days per patient (relative days stay), and free text (labels,
    notes, accession numbers, file names and digests, donors, who recorded or decided and why) is dropped.
    """
    name = records.patient.patient
    shift = timedelta(days=1 + int.from_bytes(_digest(key, "shift", name)[:4], "big") % LARGEST_SHIFT)
    patient = pseudonym(key, "patient", name)
    events = _event_names(records.events)

    def sample_id(text: str) -> str:
        return pseudonym(key, "sample", f"{name}\x1f{text}")

    def moved(time: Time) -> Time:
        return _moved(time, shift, events)

    info = records.patient
    relabelled = {item.target for item in records.overrides if item.action is OverrideAction.ALIAS and not item.revoked}
    return replace(
        records,
        patient=PatientInfo(
            patient,
            sex=info.sex,
            age=info.age,
            diagnosis=info.diagnosis if info.diagnosis in DIAGNOSES else "",
            hma_pretreated=info.hma_pretreated,
        ),
        samples=tuple(
            SampleInfo(patient, sample_id(s.sample), moved(s.time), s.tissue, s.phase) for s in records.samples
        ),
        events=tuple(
            Event(
                event.type,
                events[event.name],
                moved(event.start),
                moved(event.end) if event.end else None,
                patient,
                drugs=tuple(drug.name for text in event.drugs if (drug := resources.drug_named(text))),
                grade=event.grade if event.grade in GRADES else "",
                is_anchor=event.is_anchor,
                planned=event.planned,
            )
            for event in records.events
        ),
        markers=tuple(
            replace(marker, label=marker.id if marker.id in relabelled else marker.label, why="", joined=())
            for marker in records.markers
        ),
        observations=tuple(_observation(item, patient, sample_id(item.sample)) for item in records.observations),
        overrides=(),
        assays=tuple(
            replace(assay, note="", covers=tuple(name for name in assay.covers if "." not in name))
            for assay in records.assays
        ),
        runs=tuple(
            replace(run, patient=patient, sample=sample_id(run.sample), file="", sha256="") for run in records.runs
        ),
        messages=(),
    )


#: Known words of a diagnosis, of recorded responses, of grades and of conclusions.
DIAGNOSES = frozenset({"AML", "APL", "MDS", "MPN", "CMML", "CML", "ALL", "MPAL", "t-AML", "s-AML", "MDS/AML"})
RESPONSES = frozenset(
    {"CR", "CRi", "CRh", "CRp", "CRc", "CRMRD-", "MLFS", "PR", "SD", "NR", "RD", "PD", "relapse", "death"}
)
GRADES = frozenset({"0", "1", "2", "3", "4", "5"})
CONCLUSIONS = frozenset(
    {"positive", "negative", "normal", "abnormal", "complex", "monosomal", "detected", "not detected"}
)

#: Flags of ours; every other one is a note that somebody typed.
FLAGS = frozenset(
    [
        "ar_from_ngs",
        "ar_rounding",
        "artefact_prone",
        "band_only",
        "below_cutoff",
        "below_lod",
        "below_loq",
        "build_apart",
        "by_array",
        "by_fish",
        "bzip_boundary",
        "bzip_missense",
        "class_disagrees",
        "clinvar_uncertain",
        "computed_from_ar",
        "cryptic_possible",
        "cutoff_unknown",
        "filtered",
        "germline_possible",
        "isoform_switch",
        "karyotype_does_not_tell",
        "metaphases_lt_20",
        "metaphases_unknown",
        "out_of_frame",
        "partner_unknown",
        "phase_unproven",
        "place_unknown",
        "reciprocal_only",
        "several_isoforms",
        "sum_of_clones",
        "unconfirmed",
    ]
)


def _event_names(events: Iterable[Event]) -> dict[str, str]:
    """Printed name -> the same where it is a known word, else type and number."""
    names: dict[str, str] = {}
    for number, event in enumerate(events, start=1):
        known = event.name in RESPONSES or event.name == event.type or resources.drug_named(event.name) is not None
        names.setdefault(event.name, event.name if known else f"{event.type} {number}".replace("_", " "))
    return names


def _moved(time: Time, shift: timedelta, events: dict[str, str]) -> Time:
    time = replace(time, anchor=events.get(time.anchor, "an event") if time.anchor else "")
    if time.first is None or time.last is None:
        return time
    return replace(time, first=time.first - shift, last=time.last - shift)


def _observation(item: Observation, patient: str, sample: str) -> Observation:
    is_number = item.level is not None or any(limit.source == "printed as <" for limit in item.limits)
    return replace(
        item,
        patient=patient,
        sample=sample,
        printed=item.printed if is_number or item.printed in CONCLUSIONS else "",
        text=item.text if item.text.lower() in CONCLUSIONS or _is_iscn(item.text) else "",
        formula=item.formula.partition(":")[0] if item.formula.startswith("covered, not called") else item.formula,
        limits=tuple(
            replace(limit, source=limit.source if limit.source.startswith(("95 % of", "printed")) else "declared")
            for limit in item.limits
        ),
        flags=tuple(flag for flag in item.flags if flag in FLAGS),
        origins=tuple(Origin("", origin.line) for origin in item.origins),
    )


def _is_iscn(text: str) -> bool:
    """Karyotype strings hold no run of more than four letters (``idem``, ``der``, ``cp``), words do."""
    return bool(re.match(r"\d", text)) and not re.search(r"[^\W\d_]{5}", text)
