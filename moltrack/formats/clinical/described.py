"""Samples that rows of our own tables describe: when and from what tissue they were taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from moltrack.formats.clinical.cells import checked
from moltrack.formats.clinical.own import DESCRIPTION
from moltrack.formats.tables import Row
from moltrack.model import Phase, SampleInfo, Time, Tissue


def sample_infos(rows: Iterable[Row]) -> Iterator[SampleInfo]:
    """The samples that the rows describe, each once.

    Raises
    ------
    FormatError
        A description without a sample, two rows that describe one sample differently, or a date that cannot be.
    """
    stated: dict[tuple[str, str], dict[str, tuple[str, int]]] = {}
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        said = {column.name: text for column in DESCRIPTION if (text := row.text(column.name))}
        if not said:
            continue
        sample = row.text("sample")
        if not sample:
            raise row.error(f"states {next(iter(said))} but no sample.", advice="Fill in the column 'sample'.")
        key = (row.text("patient"), sample)
        known = stated.setdefault(key, {})
        first.setdefault(key, row)
        for name, text in said.items():
            other, line = known.setdefault(name, (text, row.line))
            if other != text:
                raise row.error(f"gives sample '{sample}' the {name} '{text}', but line {line} says '{other}'.")
    for key, known in stated.items():
        yield _sample_info(first[key], *key, {name: text for name, (text, _) in known.items()})


def _sample_info(row: Row, patient: str, sample: str, said: dict[str, str]) -> SampleInfo:
    return SampleInfo(
        patient=patient,
        sample=sample,
        time=time_of(
            row,
            date_text=said.get("date", ""),
            day=said.get("day", ""),
            anchor=said.get("from", ""),
            order=said.get("order", ""),
        ),
        tissue=tissue_of(row, said.get("tissue", "")),
        phase=checked(row, "phase", phase_of, said["phase"]) if "phase" in said else None,
        label=said.get("label", ""),
        line=row.line,
    )


def phase_of(text: str) -> Phase:
    """A phase by its own name, or as German and French tables call it: ``Erstdiagnose``, ``nach Zyklus 2``, ``rechute``."""
    word = re.sub(r"\s+", " ", text.strip().lower())
    if match := re.fullmatch(
        r"(?:nach|après|after)(?: (?:zyklus|kurs|cycle|cure))? ?(\d{1,4})(?:\. (?:zyklus|kurs))?", word
    ):
        return Phase.parse(f"after_cycle({match[1]})")
    return Phase.parse(next((name for name, words in _PHASES.items() if word in words), text))


_PHASES = {
    "diagnosis": ("diagnose", "erstdiagnose", "ed", "initial", "diagnostic", "initial diagnosis", "at diagnosis"),
    "pre_treatment": ("vor therapie", "prätherapeutisch", "avant traitement", "baseline"),
    "end_of_treatment": ("therapieende", "ende der therapie", "fin de traitement", "eot"),
    "pre_hct": ("vor transplantation", "vor szt", "pre-hsct", "prä-szt"),
    "post_hct": ("nach transplantation", "nach szt", "post-hsct", "post-szt"),
    "follow_up": ("verlauf", "verlaufskontrolle", "kontrolle", "suivi"),
    "relapse": ("rezidiv", "rechute"),
}


def time_of(row: Row, *, date_text: str, day: str, anchor: str, order: str, planned: bool = False) -> Time:
    """A time from a date, or days from an event, and an order number.

    Raises
    ------
    FormatError
        Both scales at once, a spelling that is not a date, or a date in the future that is not planned.
    """
    number: int | None = None
    if order:
        if not re.fullmatch(r"\d+", order):
            raise row.error(f"column 'order' holds '{order}', expected a whole number.")
        number = int(order)
    if date_text and day:
        raise row.error("states a date and a day.", advice="Give one of them.")
    if anchor and not day:
        raise row.error(f"counts days from '{anchor}' but states no day.")
    if date_text:
        time = checked(row, "date", lambda text: Time.on(text, order=number), date_text)
        if time.first is not None and time.first > date.today() and not planned:
            raise row.error(f"is dated {time}, which lies in the future.", advice="Correct the date.")
        return time
    if day:
        return checked(row, "day", lambda text: Time.days(text, anchor=anchor, order=number), day)
    return Time(order=number)


_TISSUES = {
    Tissue.BM: (
        "bm",
        "bone marrow",
        "marrow",
        "knochenmark",
        "km",
        "kma",
        "knochenmarkaspirat",
        "bone marrow aspirate",
    ),
    Tissue.PB: ("pb", "peripheral blood", "blood", "blut", "peripheres blut", "pbl", "whole blood"),
    Tissue.OTHER: ("other", "andere", "csf", "liquor", "skin", "haut", "lymph node", "lymphknoten", "buccal", "saliva"),
    Tissue.UNKNOWN: ("", "unknown", "unbekannt"),
}


def tissue_named(text: str) -> Tissue | None:
    """The tissue that a word stands for; None = it is none."""
    return next((tissue for tissue, words in _TISSUES.items() if text.strip().lower() in words), None)


def tissue_of(row: Row, text: str) -> Tissue:
    if (tissue := tissue_named(text)) is not None:
        return tissue
    raise row.error(f"column 'tissue' holds '{text}'.", advice="Use BM, PB or other.")
