"""The lines that guidelines, and a laboratory's cutoff, draw on the series of a patient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moltrack.model import LimitKind, Marker, MarkerKind, PatientRecords, Series, Technique, Threshold, Tissue
from moltrack.rules.in_use import RulesInUse, rules_in_use
from moltrack.rules.mrd.inputs import Target
from moltrack.rules.mrd.patient import TARGET_OF_LESION
from moltrack.rules.ruleset import RuleSet

_PCR = {Technique.QPCR, Technique.DPCR}


def thresholds_of(
    records: PatientRecords, series: Sequence[Series], rules: RulesInUse | None = None
) -> tuple[Threshold, ...]:
    """Every threshold that a rule in use compares a series with, and the declared cutoffs of assays; each once.

    Risk thresholds are of the sample at diagnosis, MRD thresholds of samples in remission: the line says which rule draws it.

    Parameters
    ----------
    rules
        Those that the patient is judged by; None = those of the references.
    """
    used = rules or rules_in_use()
    markers = {marker.id: marker for marker in records.markers}
    found: dict[Threshold, None] = {}
    for one in series:
        marker = markers.get(one.marker)
        if marker is None or not one.quantity:
            continue
        lines = (
            *_mrd(one, marker, used.mrd),
            *_risk(one, marker, used),
            *_blasts(one, marker, used.response),
            *_cutoffs(one),
        )
        found.update(dict.fromkeys(lines))
    return tuple(found)


def _line(one: Series, level: float, rules: RuleSet, meaning: str) -> Threshold:
    return Threshold(
        one.marker, one.quantity, one.assay, level, rules.title, meaning, rules.citation, f"{rules.id} {rules.version}"
    )


def _mrd(one: Series, marker: Marker, rules: RuleSet) -> Iterator[Threshold]:
    thresholds = rules.thresholds
    target = next((TARGET_OF_LESION[lesion] for lesion in marker.lesions if lesion in TARGET_OF_LESION), None)
    if marker.parent:
        return
    if marker.kind is MarkerKind.FLOW and one.quantity == "cell_fraction" and one.tissue is Tissue.BM:
        if "mfc_positive" in thresholds:
            yield _line(one, thresholds["mfc_positive"], rules, "flow MRD positive from here")
    elif one.technique in _PCR and one.quantity == "normalized_copies" and target in {Target.NPM1, Target.CBF}:
        if "pcr_low_level" in thresholds:
            yield _line(one, thresholds["pcr_low_level"], rules, "MRD at low level below")
    elif one.technique is Technique.DNA_SEQUENCING and one.quantity == "vaf" and "ngs_positive" in thresholds:
        is_age_related = set(marker.genes) & set(rules.lists.get("dta", ()))
        if (marker.kind is MarkerKind.SMALL_VARIANT and not is_age_related) or target is Target.FLT3_ITD:
            yield _line(one, thresholds["ngs_positive"], rules, "NGS-MRD positive from here (provisional)")


def _risk(one: Series, marker: Marker, used: RulesInUse) -> Iterator[Threshold]:
    if (
        marker.kind is MarkerKind.ITD
        and not marker.parent
        and one.quantity == "allelic_ratio"
        and "FLT3_ITD" in marker.lesions
    ):
        rules = used.risk_of("eln2017")
        if "itd_allelic_ratio" in rules.thresholds:
            level = rules.thresholds["itd_allelic_ratio"]
            yield _line(one, level, rules, "high FLT3-ITD ratio from here, at diagnosis")
    if marker.kind is MarkerKind.SMALL_VARIANT and one.quantity == "vaf" and "TP53" in marker.genes:
        rules = used.risk_of("eln2022")
        if "tp53_vaf" in rules.thresholds:
            yield _line(one, rules.thresholds["tp53_vaf"], rules, "TP53 counts from here, at diagnosis")


def _blasts(one: Series, marker: Marker, rules: RuleSet) -> Iterator[Threshold]:
    of_marrow = marker.kind is MarkerKind.BLASTS and one.quantity == "cell_fraction" and one.tissue is Tissue.BM
    if of_marrow and "blasts" in rules.thresholds:
        yield _line(one, rules.thresholds["blasts"], rules, "blasts in CR, CRh, CRi and MLFS below")


def _cutoffs(one: Series) -> Iterator[Threshold]:
    for point in one.points:
        for limit in point.observation.limits:
            if limit.kind is LimitKind.CUTOFF and limit.value > 0:
                yield Threshold(
                    one.marker,
                    one.quantity,
                    one.assay,
                    limit.value,
                    f"cutoff of {one.assay}",
                    "highest value of negatives",
                    limit.source,
                )
