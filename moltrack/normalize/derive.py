"""All calls and coverage of one patient → markers and observations: a pure function.

The order of steps: calls are grouped to markers (``identify``), the user's joins and splits are applied, each marker's calls of
one run become observations (``observe``), coverage becomes ``not_detected`` (``absence``), and last come the user's classes,
tracking and voids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from moltrack import resources
from moltrack.model import (
    Assay,
    CopyNumber,
    Counts,
    Fusion,
    Itd,
    Karyotype,
    KaryotypeEvent,
    Limit,
    LimitKind,
    Marker,
    MarkerKind,
    Normalized,
    Observation,
    Override,
    OverrideAction,
    PatientInput,
    Reported,
    Result,
    SampleInfo,
    SmallVariant,
    Status,
    Tissue,
)
from moltrack.normalize import identify
from moltrack.normalize.absence import METAPHASES_NEEDED, absences, lesion_marker, lowest_detectable
from moltrack.normalize.cebpa import cebpa
from moltrack.normalize.classes import special_lesions
from moltrack.normalize.identify import Group
from moltrack.normalize.observe import RunCall, names_of, observe, plain_assay, series_apart, techniques_apart


def normalize(inputs: PatientInput) -> Normalized:
    """Markers and observations of one patient.

    A pure function of its input's content: the order of runs, calls and overrides does not matter, and the same input gives
    the same records.
    """
    tissues = {sample.sample: sample.tissue for sample in inputs.samples}
    assays = {assay.id: assay for assay in inputs.assays}
    overrides = [item for item in inputs.overrides if not item.revoked]
    calls = _in_order(RunCall(run.run, call) for run in inputs.runs for call in run.calls)
    groups = _apply_joins(_groups(calls, inputs.patient.sex), overrides)
    groups = [replace(group, calls=techniques_apart(group.calls)) for group in groups]
    order = _sample_order(inputs.samples)

    markers: dict[str, Marker] = {}
    observations: list[Observation] = []
    for group in groups:
        markers[group.marker.id] = _merged(markers.get(group.marker.id), group.marker)
        observations += _observe_group(group, assays, tissues, order)
    flag_markers, flag_observations = _read_karyotypes(calls, tissues, observations, markers)
    for marker in flag_markers:
        markers[marker.id] = _merged(markers.get(marker.id), marker)
    observations += flag_observations

    # The user's classes come before what is concluded from classes; an artefact that is set aside concludes nothing.
    markers = {marker.id: _decided(marker, overrides) for marker in markers.values()}
    observations = [_void(item, overrides) for item in observations]
    concluded_markers, concluded = cebpa(observations, markers)
    for marker in concluded_markers:
        markers[marker.id] = _decided(marker, overrides)
    observations += [_void(item, overrides) for item in concluded]

    runs = sorted(inputs.runs, key=lambda run: repr(run.run))
    missing, lesion_markers = absences(runs, markers, observations, assays, tissues)
    for marker in lesion_markers.values():
        markers.setdefault(marker.id, _decided(marker, overrides))
    observations += [_void(item, overrides) for item in missing]
    return Normalized(
        markers=tuple(sorted(markers.values(), key=lambda marker: marker.id)),
        observations=tuple(sorted(series_apart(observations), key=_observation_key)),
        messages=_messages(list(markers.values()), calls) + _without_target(overrides, markers, observations),
    )


def _in_order(calls: Iterable[RunCall]) -> list[RunCall]:
    """Calls by sample, assay and place in the file; those of one place by their content, so that no other order comes through."""
    ordered: list[RunCall] = []
    for _, group in groupby(sorted(calls, key=_place_key), key=_place_key):
        same = list(group)
        ordered += same if len(same) == 1 else sorted(same, key=lambda item: repr(item.call))
    return ordered


def _place_key(item: RunCall) -> tuple[str, str, str, str, int, tuple[tuple[str, str], ...]]:
    run = item.run
    return (run.sample, run.assay, run.part, run.sha256, item.call.line, item.call.extra)


def _observation_key(item: Observation) -> tuple[str, ...]:
    return (item.marker, item.sample, item.assay, item.part, item.quantity, item.denominator, repr(item.origins))


def _groups(calls: Sequence[RunCall], sex: str) -> list[Group]:
    """All markers of the patient with their calls; one function of ``identify`` per type of finding."""
    families = identify.group_by_finding(calls)
    groups: list[Group] = []
    for finding, group_calls in identify.FAMILIES.items():
        groups += group_calls(families.get(finding, []))
    return groups + identify.copy_numbers(families.get(CopyNumber, []), sex)


def _merged(known: Marker | None, new: Marker) -> Marker:
    """One marker that several families of findings found (a fusion by RNA and its translocation by karyotype)."""
    if known is None:
        return new
    both = (known, new)
    reasons = [marker.why for marker in both if marker.tracked] or [marker.why for marker in both]
    return replace(
        known,
        genes=tuple(dict.fromkeys((*known.genes, *new.genes))),
        lesions=tuple(dict.fromkeys((*known.lesions, *new.lesions))),
        tracked=known.tracked or new.tracked,
        why="; ".join(dict.fromkeys(reasons)),
        joined=tuple(dict.fromkeys((*known.joined, *new.joined))),
        finding=known.finding or new.finding,
        classification=known.classification or new.classification,
        flags=tuple(flag for flag in known.flags if flag in new.flags or flag != "reciprocal_only"),
    )


# --- observations of a group ------------------------------------------------------------------------------------------


def _observe_group(
    group: Group, assays: dict[str, Assay], tissues: dict[str, Tissue], order: dict[str, int]
) -> list[Observation]:
    by_run: dict[tuple[str, str], list[RunCall]] = {}
    for item in group.calls:
        by_run.setdefault((item.run.sample, item.assay), []).append(item)
    has_passed = any(not item.call.filters for item in group.calls)
    choose = _isoform_chooser(group, order) if group.combine == "isoforms" else None
    observations: list[Observation] = []
    for members in by_run.values():
        flags: list[str] = []
        if choose is not None:
            members, flags = choose(members)
        if group.parts:
            members = _whole_or_weakest(group, members)
        if group.combine == "maximum" and len(members) > 1:
            members = [
                max(members, key=lambda item: (_largest(item), item.call.result is Result.POSITIVE, repr(item.call)))
            ]
        if group.combine == "sum":
            made = _observe_sum(group.marker.id, members, assays, tissues)
        else:
            made = observe(group.marker.id, members, assays=assays, tissues=tissues, extra_flags=flags)
        if group.combine == "text":
            made = [_reported(item, _conclusion(members)) for item in made]
        observations += made if has_passed else [replace(item, status=Status.NOT_EVALUABLE) for item in made]
    return observations


def _whole_or_weakest(group: Group, members: Sequence[RunCall]) -> list[RunCall]:
    """Calls of the MNV itself; where a caller split it, the substitution with the lowest level: the MNV is no more than that."""
    parts = {id(group.calls[index]) for index in group.parts}
    whole = [item for item in members if id(item) not in parts]
    return whole or [min(members, key=lambda item: (_largest(item), repr(item.call)))]


def _largest(item: RunCall) -> float:
    return max((float(printed.value) for printed in item.call.levels if printed.value is not None), default=-1.0)


#: Conclusions that say nothing was found.
_NEGATIVE_CONCLUSIONS = frozenset(
    {"negative", "normal", "absent", "none", "not detected", "no evidence", "wild type", "wildtype"}
)


def _reported(item: Observation, conclusion: str) -> Observation:
    """A conclusion as an observation: its word is the text; "negative" and "normal" are no detection."""
    negative = item.status is Status.DETECTED and conclusion.strip().lower() in _NEGATIVE_CONCLUSIONS
    return replace(item, text=conclusion, status=Status.NOT_DETECTED if negative else item.status)


def _conclusion(members: Iterable[RunCall]) -> str:
    return "; ".join(
        dict.fromkeys(item.call.finding.conclusion for item in members if isinstance(item.call.finding, Reported))
    )


def _observe_sum(
    marker: str, members: Sequence[RunCall], assays: dict[str, Assay], tissues: dict[str, Tissue]
) -> list[Observation]:
    """The aggregate over clones: as printed when the file gives it, else the sum of its clones, saying which."""
    stated = [item for item in members if isinstance(item.call.finding, Itd) and item.call.finding.aggregate]
    if stated:
        return observe(marker, stated, assays=assays, tissues=tissues)
    clones = [item for item in members if not item.call.filters] or list(members)
    per_clone: dict[object, list[RunCall]] = {}
    for item in clones:
        finding = item.call.finding
        assert isinstance(finding, Itd)
        per_clone.setdefault((finding.length, finding.pos, finding.sequence), []).append(item)
    if len(per_clone) == 1:
        return observe(marker, clones, assays=assays, tissues=tissues)
    parts = [observe(marker, own, assays=assays, tissues=tissues) for own in per_clone.values()]
    lengths = ", ".join(
        sorted(
            {
                f"{item.call.finding.length} bp"
                for item in clones
                if isinstance(item.call.finding, Itd) and item.call.finding.length
            }
        )
    )
    summed: dict[tuple[str, str], list[Observation]] = {}
    for part in [item for made in parts for item in made]:
        if part.quantity and "computed_from_ar" not in part.flags:
            summed.setdefault((part.quantity, part.denominator), []).append(part)
    result = []
    for items in summed.values():
        detected = [item for item in items if item.status is Status.DETECTED and item.level is not None]
        if not detected:
            result.append(items[0])
            continue
        alts = [item.counts.alt for item in detected]
        result.append(
            replace(
                detected[0],
                level=sum(item.level for item in detected if item.level is not None),
                printed="; ".join(item.printed for item in detected),
                formula=f"sum over {len(detected)} clones ({lengths})",
                counts=Counts(
                    alt=None if None in alts else sum(a for a in alts if a is not None), depth=detected[0].counts.depth
                ),
                caller_level=None,
                flags=tuple(
                    dict.fromkeys(
                        [flag for item in detected for flag in item.flags]
                        + (["sum_of_clones"] if len(detected) > 1 else [])
                    )
                ),
                origins=tuple(dict.fromkeys(origin for item in detected for origin in item.origins)),
            )
        )
    if not result:
        return parts[0]
    from moltrack.normalize.observe import vaf_of_ratio

    return result + [vaf for item in result if (vaf := vaf_of_ratio(item, result))]


def _isoform_chooser(
    group: Group, order: dict[str, int]
) -> Callable[[Sequence[RunCall]], tuple[list[RunCall], list[str]]]:
    """Which junction stands for the pair: the strongest at the first sample of each assay; a switch is flagged."""
    from moltrack.normalize.fusions import cluster_junctions

    findings = [item.call.finding for item in group.calls if isinstance(item.call.finding, Fusion)]
    junction_of: dict[int, int] = {}
    for number, junction in enumerate(cluster_junctions(findings)):
        for index in junction.members:
            junction_of[index] = number
    index_of = {id(item): index for index, item in enumerate(group.calls)}
    leading: dict[str, int] = {}
    for assay in {item.assay for item in group.calls}:
        own = [item for item in group.calls if item.assay == assay]
        first = min(own, key=lambda item: (order.get(item.run.sample, 0), -_support(item), repr(item.call)))
        leading[assay] = junction_of.get(index_of[id(first)], -1)

    def choose(members: Sequence[RunCall]) -> tuple[list[RunCall], list[str]]:
        wanted = leading[members[0].assay]
        own = [item for item in members if junction_of.get(index_of[id(item)], -1) == wanted]
        flags = ["several_isoforms"] if len({junction_of.get(index_of[id(item)], -1) for item in members}) > 1 else []
        if own and not any(_reads(item) for item in own):
            return own, flags  # replicates of a PCR, to be pooled
        if own:
            return [max(own, key=lambda item: (_support(item), repr(item.call)))], flags
        # The baseline junction is gone and another has come: detected, but not on the baseline's scale.
        strongest = max(members, key=lambda item: (_support(item), repr(item.call)))
        return [replace(strongest, call=replace(strongest.call, levels=()))], [*flags, "isoform_switch"]

    return choose


def _reads(item: RunCall) -> float:
    return (item.call.counts.junction_reads or 0) + (item.call.counts.spanning_reads or 0)


def _support(item: RunCall) -> float:
    return _reads(item) or max(_largest(item), 0.0)


def _sample_order(samples: Iterable[SampleInfo]) -> dict[str, int]:
    """Samples by order number, then date, then day: enough to say which came first within one scale."""

    def key(sample: SampleInfo) -> tuple[int, str, int, str]:
        time = sample.time
        return (
            time.order if time.order is not None else 10**6,
            time.first.isoformat() if time.first else "9999",
            time.day_first if time.day_first is not None else -(10**6),
            sample.sample,
        )

    return {sample.sample: number for number, sample in enumerate(sorted(samples, key=key))}


# --- karyotypes, flag by flag -----------------------------------------------------------------------------------------


def _read_karyotypes(
    calls: Sequence[RunCall], tissues: dict[str, Tissue], observed: Sequence[Observation], markers: dict[str, Marker]
) -> tuple[list[Marker], list[Observation]]:
    """The karyotype itself, and every guideline lesion that it shows, excludes (20 metaphases) or leaves open."""
    found_markers: dict[str, Marker] = {}
    found: list[Observation] = []
    for item in calls:
        finding = item.call.finding
        if not isinstance(finding, Karyotype):
            continue
        whole = Marker("karyotype", MarkerKind.KARYOTYPE_EVENT, "karyotype", why="karyotype as printed")
        found_markers[whole.id] = whole
        metaphases = finding.metaphases
        base = Observation(
            patient=item.run.patient,
            sample=item.run.sample,
            marker=whole.id,
            assay=item.assay,
            technique=item.technique,
            tissue=tissues.get(item.run.sample, Tissue.UNKNOWN),
            status=Status.DETECTED,
            text=finding.text,
            counts=Counts(cells_total=metaphases),
            flags=tuple(f"not understood: {problem}" for problem in finding.problems),
            tool=item.run.tool,
            tool_version=item.run.tool_version,
            origins=(item.origin,),
        )
        found.append(base)
        present = {
            lesion
            for other in observed
            if _is_of_karyotype(other, base)
            for lesion in (markers[other.marker].lesions if other.marker in markers else ())
        }
        for name, value in finding.flags:
            if name in present or (name not in resources.lesions()):
                continue
            marker = replace(
                lesion_marker(name),
                tracked=value is True,
                why="stated by the karyotype" if value else "not seen in the karyotype",
            )
            found_markers[marker.id] = marker if value or marker.id not in found_markers else found_markers[marker.id]
            found.append(_karyotype_flag(replace(base, marker=marker.id, flags=()), value, metaphases, name))
        found += _events_not_seen(base, finding, observed, markers)
    return list(found_markers.values()), found


def _is_of_karyotype(item: Observation, base: Observation) -> bool:
    """True for what the events of the same karyotype say; FISH of the same sample may go by the same assay."""
    return (item.sample, plain_assay(item), item.technique) == (base.sample, base.assay, base.technique)


def _events_not_seen(
    base: Observation, finding: Karyotype, observed: Sequence[Observation], markers: dict[str, Marker]
) -> list[Observation]:
    """Abnormalities of other karyotypes of the patient that no guideline names: absent here, or not to be told."""
    here = {item.marker for item in observed if _is_of_karyotype(item, base)}
    value = None if finding.problems else False
    return [
        _karyotype_flag(replace(base, marker=marker.id, flags=()), value, finding.metaphases, "")
        for marker in markers.values()
        if isinstance(marker.finding, KaryotypeEvent) and not marker.finding.constitutional and marker.id not in here
    ]


def _karyotype_flag(base: Observation, value: bool | None, metaphases: int | None, lesion: str) -> Observation:
    if value is True:
        return base
    if value is None:
        return replace(base, status=Status.NOT_EVALUABLE, flags=("karyotype_does_not_tell",))
    if metaphases is None or metaphases < METAPHASES_NEEDED:
        return replace(
            base,
            status=Status.NOT_EVALUABLE,
            flags=("metaphases_unknown" if metaphases is None else "metaphases_lt_20",),
        )
    limit = Limit(LimitKind.LOD, lowest_detectable(metaphases), f"95 % of one among {metaphases} metaphases")
    cryptic = ("cryptic_possible",) if lesion in _CRYPTIC else ()
    return replace(base, status=Status.NOT_DETECTED, quantity="cell_fraction", limits=(limit,), flags=cryptic)


#: Rearrangements that banding can miss; a normal karyotype excludes them only with this flag.
_CRYPTIC = frozenset(
    {"inv16_t16_16", "t_v_11q23_other", "t_9_11", "kmt2a_r_partner_unknown", "mecom_other", "inv3_t3_3"}
)


# --- the user's decisions ---------------------------------------------------------------------------------------------


def _apply_joins(groups: Sequence[Group], overrides: Sequence[Override]) -> list[Group]:
    """Joins and splits, in the order of their targets' ids."""
    by_id: dict[str, list[Group]] = {}
    for group in groups:
        by_id.setdefault(group.marker.id, []).append(group)
    joins = {item.target: item for item in sorted(overrides, key=repr) if item.action is OverrideAction.JOIN}
    for target, override in sorted(joins.items()):
        host_id = _end_of_joins(target, joins)
        if target in by_id and host_id in by_id and host_id != target:
            note = f"joined with {target} by {override.by}: {override.reason}"
            by_id[host_id] = [_with_joined(group, note) for group in by_id[host_id]]
            by_id[host_id] += [replace(group, marker=by_id[host_id][0].marker) for group in by_id.pop(target)]
    for override in sorted(overrides, key=repr):
        if override.action is OverrideAction.SPLIT and override.target in by_id:
            by_id.update(_split(by_id.pop(override.target), override))
    result = []
    for same in by_id.values():
        merged = same[0]
        for group in same[1:]:
            if group.combine == merged.combine:
                parts = merged.parts | {index + len(merged.calls) for index in group.parts}
                marker = _merged(merged.marker, group.marker)
                merged = Group(marker, merged.calls + group.calls, merged.combine, parts)
            else:
                result.append(group)
        result.append(merged)
    return result


def _end_of_joins(marker: str, joins: dict[str, Override]) -> str:
    """The marker that a chain of joins ends at; of a circle the smallest."""
    passed = [marker]
    while passed[-1] in joins:
        following = joins[passed[-1]].value
        if following in passed:
            return min(passed[passed.index(following) :])
        passed.append(following)
    return passed[-1]


def _with_joined(group: Group, note: str) -> Group:
    return replace(group, marker=replace(group.marker, joined=tuple(dict.fromkeys((*group.marker.joined, note)))))


def _split(groups: Sequence[Group], override: Override) -> dict[str, list[Group]]:
    made: dict[str, list[Group]] = {}
    for group in groups:
        out = _only(group, override.value, inside=True)
        kept = _only(group, override.value, inside=False)
        if kept.calls:
            made.setdefault(group.marker.id, []).append(kept)
        if out.calls:
            name = f"{group.marker.id} [{override.value}]"
            marker = replace(
                group.marker,
                id=name,
                label=f"{group.marker.label} [{override.value}]",
                why=f"split by {override.by}: {override.reason}",
            )
            made.setdefault(name, []).append(replace(out, marker=marker))
    return made


def _only(group: Group, assay: str, *, inside: bool) -> Group:
    """The group with the calls of an assay alone, or without them."""
    chosen = [
        index for index, item in enumerate(group.calls) if (assay in names_of(item.assay, item.technique)) is inside
    ]
    parts = frozenset(place for place, index in enumerate(chosen) if index in group.parts)
    return replace(group, calls=tuple(group.calls[index] for index in chosen), parts=parts)


def _decided(marker: Marker, overrides: Sequence[Override]) -> Marker:
    """A marker with the user's class, tracking and label."""
    for item in sorted(overrides, key=lambda override: (override.action, override.value)):
        if item.target != marker.id:
            continue
        note = f"by {item.by}: {item.reason}"
        if item.action is OverrideAction.CLASSIFY:
            pathogenic = item.value in {"pathogenic", "likely_pathogenic"}
            own = (
                (set(marker.lesions) | _lesions_of(marker)) if pathogenic else set(marker.lesions) - _lesions_of(marker)
            )
            marker = replace(
                marker,
                classification=item.value,
                tracked=pathogenic,
                lesions=tuple(sorted(own)),
                why=f"classified {item.value} {note}",
            )
        elif item.action is OverrideAction.TRACK:
            marker = replace(marker, tracked=True, why=f"tracked {note}")
        elif item.action is OverrideAction.UNTRACK:
            marker = replace(marker, tracked=False, why=f"not tracked {note}")
        elif item.action is OverrideAction.ALIAS:
            marker = replace(marker, label=item.value)
    return marker


def _lesions_of(marker: Marker) -> set[str]:
    """What a pathogenic variant of this marker means: its gene, and what its place makes of it."""
    own = special_lesions(marker.finding) if isinstance(marker.finding, SmallVariant) else ()
    return {*marker.genes, *own}


def _void(item: Observation, overrides: Sequence[Override]) -> Observation:
    names = _void_names(item)
    for override in overrides:
        if override.action is OverrideAction.VOID and override.target in names:
            return replace(
                item, status=Status.NOT_EVALUABLE, flags=(*item.flags, f"void by {override.by}: {override.reason}")
            )
    return item


def _void_names(item: Observation) -> tuple[str, ...]:
    """What an observation may be called in a decision: a later sample by another technique changes no name."""
    return tuple(f"{item.sample}/{assay}/{item.marker}" for assay in names_of(item.assay, item.technique))


def _messages(markers: Sequence[Marker], calls: Sequence[RunCall]) -> tuple[str, ...]:
    """Sentences for the user: builds that could not be brought together."""
    builds = {item.run.build for item in calls if item.run.build}
    said = []
    if len(builds) > 1:
        apart = sorted(marker.label for marker in markers if marker.tracked and "build_apart" in marker.flags)
        if apart:
            said.append(
                f"Files of {' and '.join(sorted(builds))}: {', '.join(apart)} lie outside the listed loci and are kept apart by build."
            )
    return tuple(said)


def _without_target(
    overrides: Sequence[Override], markers: dict[str, Marker], observations: Sequence[Observation]
) -> tuple[str, ...]:
    """Decisions about a marker or an observation that is not there (any more): they wait, and the user is told."""
    names = {name for item in observations for name in _void_names(item)}
    joined = {item.target for item in overrides if item.action is OverrideAction.JOIN and item.value in markers}
    said = []
    for item in sorted(overrides, key=repr):
        known = names if item.action is OverrideAction.VOID else {*markers, *joined}
        if item.target not in known:
            said.append(f"The decision to {item.action} '{item.target}' (by {item.by}) has nothing to act on.")
    return tuple(dict.fromkeys(said))
