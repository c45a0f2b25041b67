"""A patient without identifiers: keyed ids, dates shifted by a secret number of days, no free text.

The same key gives the same pseudonym, so exports of different days fit together. Who holds the key and the database can find
the patient again (:func:`find_patient`); nobody else can.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from moltrack.errors import InputError
from moltrack.model import Event, Observation, Origin, PatientInfo, PatientRecords, SampleInfo, Time

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
    notes, accession numbers, file names, donors, who recorded or decided) is dropped.
    """
    name = records.patient.patient
    shift = timedelta(days=1 + int.from_bytes(_digest(key, "shift", name)[:4], "big") % LARGEST_SHIFT)
    patient = pseudonym(key, "patient", name)

    def sample_id(text: str) -> str:
        return pseudonym(key, "sample", f"{name}\x1f{text}")

    return replace(
        records,
        patient=PatientInfo(
            patient,
            sex=records.patient.sex,
            age=records.patient.age,
            diagnosis=records.patient.diagnosis,
            hma_pretreated=records.patient.hma_pretreated,
        ),
        samples=tuple(
            SampleInfo(patient, sample_id(s.sample), _moved(s.time, shift), s.tissue, s.phase) for s in records.samples
        ),
        events=tuple(_event(event, patient, shift) for event in records.events),
        observations=tuple(_observation(item, patient, sample_id(item.sample)) for item in records.observations),
        overrides=(),
        assays=tuple(replace(assay, note="") for assay in records.assays),
        runs=tuple(replace(run, patient=patient, sample=sample_id(run.sample), file="") for run in records.runs),
        messages=(),
    )


def _moved(time: Time, shift: timedelta) -> Time:
    if time.first is None or time.last is None:
        return time
    return replace(time, first=time.first - shift, last=time.last - shift)


def _event(event: Event, patient: str, shift: timedelta) -> Event:
    return replace(
        event,
        patient=patient,
        start=_moved(event.start, shift),
        end=_moved(event.end, shift) if event.end else None,
        recorded_by="",
        note="",
        line=0,
    )


def _observation(item: Observation, patient: str, sample: str) -> Observation:
    coded = tuple(flag for flag in item.flags if flag.replace("_", "").isalnum() and " " not in flag)
    return replace(
        item,
        patient=patient,
        sample=sample,
        flags=coded,
        origins=tuple(Origin("", origin.line, origin.sha256) for origin in item.origins),
    )
