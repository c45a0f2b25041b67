"""Exports of REDCap: one row per record and event, with a column for each variable of the project.

Source  REDCap, export of records as CSV: ``redcap_event_name``, ``redcap_repeat_instrument``, ``redcap_repeat_instance``
"""

from __future__ import annotations

from moltrack.formats.clinical.own import header_of
from moltrack.formats.files import Head
from moltrack.formats.registry import Format, Sniff
from moltrack.model import Technique


def sniff_redcap(head: Head) -> Sniff:
    names = {cell.lower() for cell in header_of(head)}
    own = {"redcap_event_name", "redcap_repeat_instrument", "redcap_data_access_group"} & names
    return Sniff.CERTAIN if own else Sniff.NO


REDCAP = Format(
    name="redcap",
    title="REDCap export of records",
    family="clinical",
    technique=Technique.UNKNOWN,
    sniff=sniff_redcap,
    versions="any",
    columns_source="REDCap help, data exports",
    refuses=(
        "is a REDCap export with a column for each variable of its project; bring it into the columns of the templates patients, samples, "
        "events and measurements (one row per value), for which see 'moltrack formats --template NAME'."
    ),
)
