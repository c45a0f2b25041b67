"""What an assay says of one sample: detected, not detected down to a limit, or not assessable.

**Source**: Schuurhuis, Blood 2018;131:1275 and Heuser, Blood 2021;138:2753 (technical requirements); numbers in ``references/rules/mrd_*.yaml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moltrack.rules.mrd.inputs import PCR, Method, MrdPoint, NgsGene, Target
from moltrack.rules.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Reading:
    """One result as the guidelines may use it.

    ``detected`` None = not assessable, ``reason`` says why and ``missing`` what would help. ``limit`` is what a miss reaches down to (None: only
    ``words`` tell). ``words`` are for people; a miss never stands without its limit.
    """

    detected: bool | None
    level: float | None = None
    limit: float | None = None
    words: str = ""
    reason: str = ""
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


def percent(level: float) -> str:
    return f"{level * 100:.3g} %"


def at_limit(limit: float) -> str:
    """``2e-5``: a limit as a power of ten, one digit."""
    mantissa, _, exponent = f"{limit:.0e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def read_point(point: MrdPoint, target: Target, method: Method, rules: RuleSet) -> Reading:
    """A result by PCR, flow or sequencing of one target."""
    detected, flags = _is_detected(point, rules)
    if detected is None:
        return Reading(None, reason="there is no result", missing=(f"{target} by {method}",))
    if detected:
        return _detection(point, method, rules, flags)
    if point.covers_target is False:
        return _cannot(
            "the assay does not detect this patient's type of the target", "an assay of the right type", flags
        )
    if method in PCR:
        return _pcr_miss(point, rules, flags)
    if method is Method.MFC:
        return _flow_miss(point, rules, flags)
    name = "itd_lod" if target is Target.FLT3_ITD and "itd_lod" in rules.thresholds else "ngs_lod"
    return _limit_miss(point.lod, rules.thresholds[name], method, flags)


def _is_detected(point: MrdPoint, rules: RuleSet) -> tuple[bool | None, tuple[str, ...]]:
    """By the rule of replicates where threshold cycles are given: positive below 40 in at least 2 of 3."""
    if not point.ct:
        return point.detected if point.detected is not None else None if point.level is None else point.level > 0, ()
    positive = sum(ct is not None and ct < rules.thresholds["ct_positive"] for ct in point.ct)
    needed = min(rules.thresholds["positive_replicates"], len(point.ct))
    if positive >= needed:
        return True, ()
    if len(point.ct) - positive >= needed:
        return False, ("positive_replicate",) if positive else ()
    return None, ("replicates_disagree",)


def _detection(point: MrdPoint, method: Method, rules: RuleSet, flags: tuple[str, ...]) -> Reading:
    level = point.level or None
    words = percent(level) if level is not None else "detected, no level"
    if point.lod is not None:
        words += f", LOD {percent(point.lod)}"
    few_copies = point.control_copies is not None and point.control_copies < rules.thresholds["control_copies"]
    if method in PCR and few_copies:
        flags += ("low_control_copies",)
    if method is Method.MFC and point.events is not None:
        words += f" of {point.events:,.0f} CD45+ cells"
        if point.events < rules.thresholds["mfc_events"]:
            flags += ("low_events",)
    return Reading(True, level, point.lod, words, flags=flags)


def _pcr_miss(point: MrdPoint, rules: RuleSet, flags: tuple[str, ...]) -> Reading:
    """A miss by PCR reaches down to one copy among the control copies, but not below the assay's own limit."""
    needed = rules.thresholds["control_copies"]
    copies = point.control_copies
    if copies is None:
        if point.lod is None:
            return _cannot(
                "how many control copies were amplified is not stated",
                "control gene copies (ABL1), or the limit of the assay",
                flags,
            )
        return _limit_miss(point.lod, rules.thresholds["pcr_lod"], Method.QPCR, flags)
    if copies < needed:
        return _cannot(
            f"not detected among {copies:,.0f} control copies, fewer than {needed:,.0f}",
            f"a sample with at least {needed:,.0f} control copies",
            flags,
        )
    limit = max(1 / copies, point.lod or 0.0)
    return Reading(False, None, limit, f"not detected at {at_limit(limit)} ({copies:,.0f} control copies)", flags=flags)


def _flow_miss(point: MrdPoint, rules: RuleSet, flags: tuple[str, ...]) -> Reading:
    limits = rules.thresholds
    if point.first_pull is False:
        return _cannot("not detected, but the marrow is not of the first pull", "a first-pull marrow", flags)
    if point.age_days is not None and point.age_days > limits["mfc_age_days"]:
        return _cannot(
            f"not detected in a sample {point.age_days:g} days old",
            f"a sample of at most {limits['mfc_age_days']:g} days",
            flags,
        )
    if point.compartment_cells is not None and point.compartment_cells < limits["mfc_compartment_cells"]:
        return _cannot(
            f"not detected among {point.compartment_cells:,.0f} cells of the blast compartment",
            "more cells of the blast compartment",
            flags,
        )
    if point.events is None:
        if point.lod is None:
            return _cannot(
                "neither events nor limit of the flow result are stated",
                "CD45+ cells acquired, or the limit of the assay",
                flags,
            )
        return _limit_miss(point.lod, limits["ngs_lod"], Method.MFC, flags)
    if point.events < limits["mfc_events"]:
        return _cannot(
            f"not detected among {point.events:,.0f} CD45+ cells, fewer than {limits['mfc_events']:,.0f}",
            f"at least {limits['mfc_events']:,.0f} CD45+ cells",
            flags,
        )
    cells = f"{point.events:,.0f} CD45+ cells"
    words = f"not detected among {cells}" if point.lod is None else f"not detected at {at_limit(point.lod)} ({cells})"
    return Reading(False, None, point.lod, words, flags=flags)


def _limit_miss(lod: float | None, highest: float, method: Method, flags: tuple[str, ...]) -> Reading:
    """A miss whose limit is declared: good enough, or only "not above this"."""
    if lod is None:
        return _cannot("not detected, but nobody states down to what level", f"limit of detection of {method}", flags)
    if lod > highest * (1 + 1e-9):
        return _cannot(
            f"not detected, but only down to {percent(lod)}: not negative",
            f"an assay that reaches {percent(highest)}",
            flags,
        )
    return Reading(False, None, lod, f"not detected at {at_limit(lod)}", flags=flags)


def uninformative() -> Reading:
    """A miss of what the disease did not show before treatment either: it tells nothing of residual disease."""
    return _cannot(
        "not detected, and not detected before treatment either: no marker of this disease",
        "a target that was detected before treatment",
        (),
    )


def _cannot(reason: str, missing: str, flags: tuple[str, ...]) -> Reading:
    return Reading(None, reason=reason, missing=(missing,), flags=flags)


# --- sequencing panels ------------------------------------------------------------------------------------------------


def read_panel(genes: Sequence[NgsGene], rules: RuleSet, *, after_hct: bool) -> tuple[Reading, tuple[str, ...]]:
    """The variants of a panel as one result, and why some are left out.

    DNMT3A, TET2 and ASXL1 may be of clonal haematopoiesis, variants near 50 % or 100 % that do not fall with remission may be inherited: neither
    tells of leukaemia. Mutations of signalling genes are often lost with a subclone: found they count, missed alone they say nothing.
    """
    excluded: list[str] = []
    flags: list[str] = []
    kept: list[NgsGene] = []
    for item in genes:
        if item.gene in rules.lists["dta"]:
            excluded.append(f"{item.name}: clonal haematopoiesis (DTA gene)")
            if after_hct and item.is_detected:
                flags.append("dta_after_hct")
        elif _is_constant(item, rules) and item.gene in rules.lists["germline"]:
            excluded.append(
                f"{item.name}: suspected to be inherited, VAF {percent(item.level or 0)} does not fall with remission"
            )
            if after_hct:
                flags.append("germline_after_hct")
        else:
            if _is_constant(item, rules):
                flags.append("possible_germline")
            kept.append(item)
    flags += ["excluded_genes"] if excluded else []
    found = [item for item in kept if item.is_detected]
    if found:
        strongest = max(found, key=lambda item: item.level or 0)
        levels = [item.level for item in found if item.level is not None]
        words = "; ".join(
            f"{item.name} {percent(item.level)}" if item.level is not None else f"{item.name} detected"
            for item in found
        )
        level = max(levels) if levels else None
        return Reading(True, level, strongest.lod, words, flags=tuple(flags)), tuple(excluded)
    return _panel_miss(kept, rules, tuple(flags)), tuple(excluded)


def _panel_miss(kept: Sequence[NgsGene], rules: RuleSet, flags: tuple[str, ...]) -> Reading:
    if not kept:
        return _cannot("no informative marker is left", "a marker that tells of leukaemia", flags)
    telling = [item for item in kept if item.gene not in rules.lists["signaling"]]
    if not telling:
        names = ", ".join(item.name for item in kept)
        return _cannot(
            f"{names} not detected: a signalling gene alone may be lost with its subclone", "another marker", flags
        )
    unread = [item for item in telling if item.is_detected is None]
    if unread:
        return _cannot(
            f"{', '.join(item.name for item in unread)}: no result", "all informative markers of the panel", flags
        )
    limits = [item.lod for item in telling]
    if any(lod is None for lod in limits):
        return _limit_miss(None, rules.thresholds["ngs_lod"], Method.NGS, flags)
    return _limit_miss(max(lod for lod in limits if lod is not None), rules.thresholds["ngs_lod"], Method.NGS, flags)


def _is_constant(item: NgsGene, rules: RuleSet) -> bool:
    """Whether a VAF lies where inherited variants lie, at diagnosis and now, and has not fallen."""
    limits = rules.thresholds
    if item.level is None or item.baseline is None:
        return False

    def is_inherited_level(vaf: float) -> bool:
        heterozygous = limits["germline_heterozygous_from"] <= vaf <= limits["germline_heterozygous_to"]
        return heterozygous or vaf >= limits["germline_homozygous_from"]

    unchanged = abs(item.level - item.baseline) <= limits["germline_change"]
    return is_inherited_level(item.level) and is_inherited_level(item.baseline) and unchanged
