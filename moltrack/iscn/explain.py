"""A parsed karyotype in words, and as plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moltrack.iscn.convert import text_of
from moltrack.iscn.records import Clone, Event, Finding, ParsedKaryotype
from moltrack.model import Change, Imbalance

_KINDS = {
    "gain": "gain of a chromosome",
    "loss": "loss of a chromosome",
    "t": "translocation",
    "der": "derivative chromosome",
    "del": "deletion",
    "dup": "duplication",
    "trp": "triplication",
    "qdp": "quadruplication",
    "add": "additional material of unknown origin",
    "inv": "inversion",
    "ins": "insertion",
    "i": "isochromosome",
    "idic": "isodicentric chromosome",
    "ider": "isoderivative chromosome",
    "dic": "dicentric chromosome",
    "r": "ring chromosome",
    "rob": "Robertsonian translocation",
    "rec": "recombinant chromosome",
    "tas": "telomeric association",
    "fra": "fragile site",
    "hsr": "homogeneously staining region",
    "upd": "uniparental disomy",
    "fis": "fission at the centromere",
    "mar": "marker chromosome",
    "dmin": "double minutes",
    "ace": "acentric fragment",
    "var": "variant",
    "unknown": "not understood",
}

_NAMES = {
    "t_8_21": "t(8;21)/RUNX1::RUNX1T1",
    "inv16_t16_16": "inv(16) or t(16;16)/CBFB::MYH11",
    "t_15_17": "t(15;17)/PML::RARA",
    "t_6_9": "t(6;9)/DEK::NUP214",
    "inv3_t3_3": "inv(3) or t(3;3)/GATA2, MECOM",
    "t_9_22": "t(9;22)/BCR::ABL1",
    "t_9_11": "t(9;11)/KMT2A::MLLT3",
    "t_8_16": "t(8;16)/KAT6A::CREBBP",
    "t_v_11q23_other": "t(v;11q23)/KMT2A, other partner",
    "kmt2a_r_partner_unknown": "KMT2A rearranged, partner unknown",
    "mecom_other": "other MECOM rearrangement (3q26)",
    "minus5_5q": "-5 or loss of 5q",
    "minus17_abn17p": "-17 or abnormal 17p",
    "del9q": "del(9q)",
    "del7q": "del(7q)",
    "minus20_20q": "-20 or loss of 20q",
    "minus7": "-7",
    "minusY": "-Y",
    "plus8_8q": "+8 or gain of 8q",
    "plus13": "+13",
    "plus21": "+21",
    "plus22": "+22",
    "complex": "complex karyotype",
    "monosomal": "monosomal karyotype",
    "hyperdiploid": "hyperdiploid, trisomies only",
    "normal_karyotype": "normal karyotype",
}


def imbalance_text(change: Imbalance) -> str:
    """``loses 7q22 to 7qter``, ``gains 8``, ``loses 17p``."""
    verb = {Change.LOSS: "loses", Change.GAIN: "gains"}[change.change]
    if not change.band_from:
        return f"{verb} {change.chrom}{change.arm}"
    if change.band_from == change.band_to:
        return f"{verb} {change.chrom}{change.band_from}"
    return f"{verb} {change.chrom}{change.band_from} to {change.chrom}{change.band_to}"


def explain(parsed: ParsedKaryotype) -> str:
    """The karyotype in words: clones, abnormalities with what they gain and lose, answers, counts, problems."""
    return "\n".join(_lines(parsed))


def _lines(parsed: ParsedKaryotype) -> Iterator[str]:
    yield str(parsed) or parsed.text.strip()
    if parsed.clones:
        total = f" ({parsed.metaphases} metaphases)" if parsed.metaphases is not None else " (no cell counts)"
        yield f"\nClones{total}"
        yield from (f"  {_clone_text(clone)}" for clone in parsed.clones)
    if parsed.findings:
        yield "\nAbnormalities"
        yield from (f"  {_finding_text(finding)}" for finding in parsed.findings)
    if parsed.remarks:
        yield "\nBeside the karyotype"
        yield from (
            f"  {remark.text}"
            + (f"  -> {', '.join(_NAMES[flag] for flag in remark.lesions)}" if remark.lesions else "")
            for remark in parsed.remarks
        )
    yield "\nAnswers"
    for title, value in (("yes", True), ("open", None)):
        names = [_NAMES[flag] for flag, answer in parsed.flags.items() if answer is value]
        if len(names) == len(parsed.flags):
            yield f"  {title + ':':6}everything"
        elif names:
            yield f"  {title + ':':6}{'; '.join(names)}"
    if not all(answer is None for answer in parsed.flags.values()):
        yield "  no:   everything else"
    if parsed.clones:
        count = parsed.abnormality_count
        yield f"\nCount  {count['iscn2024']} (ISCN 2024), {count['chun2010']} (Chun 2010)"
        yield from (f"  {item.text}: {item.iscn2024}, {item.chun2010}" for item in parsed.counted)
    if parsed.problems:
        yield "\nProblems"
        yield from (f"  {problem}" for problem in parsed.problems)


def _clone_text(clone: Clone) -> str:
    notes = []
    if clone.cells is not None:
        notes.append(f"composite of {clone.cells} cells" if clone.composite else f"{clone.cells} cells")
    elif clone.composite:
        notes.append("composite")
    if clone.ploidy != 2:
        notes.append(f"near {clone.ploidy}n")
    if clone.donor:
        notes.append("donor")
    return f"{clone.number}. {clone.written_out()}" + (f"  ({', '.join(notes)})" if notes else "")


def _finding_text(finding: Finding) -> str:
    event = finding.event
    notes = [_KINDS.get(event.kind, event.kind)]
    notes += [imbalance_text(change) for change in finding.imbalances if event.kind not in ("gain", "loss")]
    if event.constitutional and event.kind != "var":
        notes.append("constitutional")
    if event.uncertain:
        notes.append("questionable")
    if finding.replaces:
        notes.append(f"stands for {', '.join(finding.replaces)}")
    if finding.explained:
        notes.append("explained by a derivative")
    if not finding.clonal:
        notes.append("too few cells for a clone")
    if finding.donor:
        notes.append("donor cells")
    if finding.cells is not None:
        notes.append(f"{'at most ' if finding.upper_bound else ''}{finding.cells} cells")
    if finding.lesions:
        notes.append("= " + ", ".join(_NAMES[flag] for flag in finding.lesions))
    return f"{text_of(event)}: {'; '.join(notes)}"


# --- plain data -----------------------------------------------------------------------------------------------------------


def as_data(parsed: ParsedKaryotype) -> dict[str, Any]:
    """``{"input", "clones", "events", "flags", "abnormality_count", "problems", ...}``, ready for JSON."""
    return {
        "input": parsed.text,
        "canonical": str(parsed),
        "metaphases": parsed.metaphases,
        "clones": [_clone_data(clone) for clone in parsed.clones],
        "events": [_finding_data(finding) for finding in parsed.findings],
        "flags": dict(parsed.flags),
        "abnormality_count": parsed.abnormality_count,
        "counted": [
            {"text": item.text, "iscn2024": item.iscn2024, "chun2010": item.chun2010} for item in parsed.counted
        ],
        "remarks": [
            {"text": remark.text, "technique": remark.technique, "lesions": list(remark.lesions)}
            for remark in parsed.remarks
        ],
        "problems": list(parsed.problems),
    }


def _clone_data(clone: Clone) -> dict[str, Any]:
    return {
        "text": clone.written_out(),
        "modal": [clone.modal, clone.modal_max],
        "ploidy": clone.ploidy,
        "sex": clone.sex,
        "cells": clone.cells,
        "composite": clone.composite,
        "incomplete": clone.incomplete,
        "donor": clone.donor,
        "reference": clone.reference,
        "events": [str(event) for event in clone.events],
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    event = finding.event
    return {
        "text": text_of(event),
        "type": event.kind,
        "chromosomes": list(event.chromosomes),
        "bands": list(event.bands),
        "copies": _copies(event),
        "clones": list(finding.clones),
        "cells": finding.cells,
        "cells_upper_bound": finding.upper_bound,
        "imbalances": [
            {
                "change": str(change.change),
                "chrom": change.chrom,
                "arm": change.arm,
                "band_from": change.band_from,
                "band_to": change.band_to,
            }
            for change in finding.imbalances
        ],
        "lesions": list(finding.lesions),
        "possible_lesions": list(finding.possible),
        "constitutional": event.constitutional,
        "uncertain": event.uncertain,
        "clonal": finding.clonal,
        "donor": finding.donor,
        "explained_by_derivative": finding.explained,
    }


def _copies(event: Event) -> list[int]:
    return [event.copies, event.copies_max]
