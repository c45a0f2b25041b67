"""All of a patient together: karyotypes flag by flag, CEBPA, the user's decisions, and the laws of the whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patient_input import (
    ARRAY,
    DNA,
    FISH,
    IDH2,
    KARYOTYPE,
    NPM1,
    RNA,
    TET2,
    call,
    covers,
    lesion,
    level,
    limit,
    marker,
    normalized,
    of,
    override,
    patient,
    run,
)

from moltrack.model import (
    Change,
    CopyNumber,
    Counts,
    CoverageScope,
    Fusion,
    Itd,
    Karyotype,
    KaryotypeEvent,
    LimitKind,
    PatientInput,
    Result,
    SmallVariant,
    Status,
)
from moltrack.normalize import normalize
from moltrack.normalize.observe import plain_assay

# --- karyotypes -------------------------------------------------------------------------------------------------------


def karyotype(sample, text, metaphases, *events, problems=(), **flags):
    whole = Karyotype(text, metaphases, tuple(flags.items()), problems=problems)
    calls = [call(whole), *(call(event) for event in events)]
    return run(sample, "karyotype", calls, technique=KARYOTYPE)


def test_twenty_metaphases_exclude_what_is_not_seen():
    result = normalized(karyotype("S1", "46,XX[20]", 20, minus7=False, normal_karyotype=True))
    assert lesion(result, "minus7") == {"not_detected"}
    assert lesion(result, "normal_karyotype") == {"detected"}
    [item] = [o for o in result.observations if marker(result, o.marker).lesions == ("minus7",)]
    # 1 - 0.05^(1/20)
    assert item.limit(LimitKind.LOD) == pytest.approx(0.1391, abs=1e-4)


@pytest.mark.parametrize(
    ("metaphases", "flag"), [(19, "metaphases_lt_20"), (None, "metaphases_unknown")], ids=["19", "unknown"]
)
def test_fewer_metaphases_exclude_nothing(metaphases, flag):
    result = normalized(karyotype("S1", "46,XX", metaphases, minus7=False))
    [item] = [o for o in result.observations if marker(result, o.marker).lesions == ("minus7",)]
    assert (item.status, item.flags) == (Status.NOT_EVALUABLE, (flag,))


def test_what_the_string_does_not_tell_is_not_evaluable():
    result = normalized(karyotype("S1", "46,XX,?[20]", 20, problems=("'?' is not understood",), complex=None))
    assert lesion(result, "complex") == {"not_evaluable"}
    assert of(result, "karyotype").flags == ("not understood: '?' is not understood",)


def test_a_flag_that_an_event_shows_is_not_repeated():
    event = KaryotypeEvent("-7", lesions=("minus7",))
    result = normalized(karyotype("S1", "45,XX,-7[20]", 20, event, minus7=True, complex=False))
    assert lesion(result, "minus7") == {"detected"}
    assert sum("minus7" in marker(result, o.marker).lesions for o in result.observations) == 1


def test_an_abnormality_that_no_guideline_names_is_gone_from_a_later_karyotype():
    event = KaryotypeEvent("t(2;5)(p21;q33)")
    result = normalized(
        karyotype("S1", "46,XX,t(2;5)(p21;q33)[20]", 20, event),
        karyotype("S2", "46,XX[20]", 20),
        karyotype("S3", "46,XX[9]", 9),
        karyotype("S4", "46,XX,?[20]", 20, problems=("'?' is not understood",)),
    )
    name = "t(2;5)(p21;q33)"
    assert of(result, name, "S1").status is Status.DETECTED
    assert of(result, name, "S2").status is Status.NOT_DETECTED
    assert of(result, name, "S3").status is Status.NOT_EVALUABLE
    assert of(result, name, "S4").status is Status.NOT_EVALUABLE


def test_banding_may_miss_an_inversion():
    result = normalized(karyotype("S1", "46,XX[20]", 20, inv16_t16_16=False))
    [item] = [o for o in result.observations if marker(result, o.marker).lesions == ("inv16_t16_16",)]
    assert (item.status, item.flags) == (Status.NOT_DETECTED, ("cryptic_possible",))


def test_a_karyotype_that_shows_what_fish_did_not_tracks_it():
    fish = run("S1", "fish", [call(CopyNumber(Change.LOSS, gene="TP53"), result=Result.NEGATIVE)], technique=FISH)
    result = normalized(fish, karyotype("S2", "45,XX,-17[20]", 20, minus17_abn17p=True))
    [found] = [item for item in result.markers if "minus17_abn17p" in item.lesions]
    assert (found.tracked, found.why) == (True, "stated by the karyotype")


# --- CEBPA ------------------------------------------------------------------------------------------------------------

#: Frameshift before the bZIP, in-frame insertion in it, both by name.
NTERM = SmallVariant(gene="CEBPA", transcript="NM_004364.5", hgvs_c="c.68dup", hgvs_p="p.His24AlafsTer84")
BZIP = SmallVariant(gene="CEBPA", transcript="NM_004364.5", hgvs_c="c.934_936dup", hgvs_p="p.Gln312dup")
BOUNDARY = SmallVariant(gene="CEBPA", transcript="NM_004364.5", hgvs_c="c.820_822dup", hgvs_p="p.Arg274dup")
MISSENSE = SmallVariant(gene="CEBPA", transcript="NM_004364.5", hgvs_c="c.890G>C", hgvs_p="p.Arg297Pro")
GENE = covers(CoverageScope.GENE, "CEBPA")


def cebpa(*variants, coverage=(GENE,), sample="S1", assay="panel"):
    return run(sample, assay, [call(v, level("40 %"), line=i) for i, v in enumerate(variants, 2)], coverage)


def test_two_different_variants_are_biallelic_with_phase_unproven():
    result = normalized(cebpa(NTERM, BZIP))
    item = of(result, "CEBPA biallelic")
    assert (item.status, item.quantity, item.flags) == (Status.DETECTED, "", ("phase_unproven",))
    assert {origin.line for origin in item.origins} == {2, 3}
    assert marker(result, "CEBPA biallelic").tracked


def test_one_variant_in_a_gene_that_was_read_is_not_biallelic():
    assert lesion(normalized(cebpa(NTERM)), "CEBPA_biallelic") == {"not_detected"}


def test_one_variant_without_coverage_leaves_it_open():
    assert lesion(normalized(cebpa(NTERM, coverage=())), "CEBPA_biallelic") == set()


def test_one_variant_with_copy_neutral_loss_of_19q_is_biallelic():
    array = run(
        "S1",
        "array",
        [call(CopyNumber(Change.CN_LOH, build="GRCh38", chrom="19", start=30_000_000, end=58_000_000))],
        technique=ARRAY,
    )
    item = of(normalized(cebpa(NTERM), array), "CEBPA biallelic", assay="panel")
    assert item.status is Status.DETECTED


def test_two_samples_with_one_variant_each_are_not_biallelic():
    result = normalized(cebpa(NTERM), cebpa(BZIP, sample="S2"))
    assert lesion(result, "CEBPA_biallelic", "S1") == {"not_detected"}


def test_a_variant_of_no_class_is_no_second_hit():
    assert lesion(normalized(cebpa(NTERM, MISSENSE)), "CEBPA_biallelic") == {"not_detected"}


def test_an_in_frame_insertion_is_the_bzip_lesion():
    assert lesion(normalized(cebpa(BZIP)), "CEBPA_bZIP") == {"detected"}


def test_no_such_variant_in_a_gene_that_was_read_is_no_bzip():
    assert lesion(normalized(cebpa(NTERM)), "CEBPA_bZIP") == {"not_detected"}
    assert lesion(normalized(cebpa()), "CEBPA_bZIP") == {"not_detected"}


@pytest.mark.parametrize(
    ("variant", "status", "flag"),
    [
        pytest.param(BOUNDARY, Status.DETECTED, "bzip_boundary", id="boundary"),
        pytest.param(MISSENSE, Status.NOT_EVALUABLE, "bzip_missense", id="missense"),
    ],
)
def test_a_doubtful_variant_leaves_the_bzip_open(variant, status, flag):
    result = normalized(cebpa(variant))
    item = of(result, "CEBPA bZIP in-frame")
    assert (item.status, item.flags) == (status, (flag,))
    assert not marker(result, "CEBPA bZIP in-frame").tracked


@pytest.mark.parametrize("variant", [BOUNDARY, MISSENSE], ids=["boundary", "missense"])
def test_another_panel_of_the_sample_does_not_overrule_the_doubt(variant):
    result = normalized(cebpa(variant), cebpa(assay="other", coverage=[covers(CoverageScope.PANEL, "myeloid")]))
    assert of(result, "CEBPA bZIP in-frame", assay="other").status is Status.NOT_EVALUABLE


# --- the user's decisions ---------------------------------------------------------------------------------------------

NAME = "NPM1 p.Trp288CysfsTer12"


def ids(*variants):
    return [item.id for item in normalized(run(calls=[call(v) for v in variants])).markers]


def test_track_and_untrack():
    [tet2] = ids(TET2)
    [npm1] = ids(NPM1)
    assert normalized(run(calls=[call(TET2)]), overrides=[override("track", tet2)]).markers[0].tracked
    found = normalized(run(calls=[call(NPM1)]), overrides=[override("untrack", npm1)]).markers[0]
    assert (found.tracked, found.why) == (False, "not tracked by Ada: because")


def test_a_class_makes_a_variant_its_genes_lesion():
    [tet2] = ids(TET2)
    result = normalized(
        run("S1", calls=[call(TET2)], coverage=[covers(CoverageScope.GENE, "TET2")]),
        overrides=[override("classify", tet2, "pathogenic")],
    )
    assert (marker(result, tet2).tracked, marker(result, tet2).why) == (True, "classified pathogenic by Ada: because")
    assert lesion(result, "TET2") == {"detected"}


def test_a_benign_class_frees_the_gene():
    [npm1] = ids(NPM1)
    result = normalized(
        run("S1", calls=[call(NPM1)], coverage=[covers(CoverageScope.GENE, "NPM1")]),
        overrides=[override("classify", npm1, "benign")],
    )
    assert (marker(result, npm1).tracked, lesion(result, "NPM1")) == (False, {"not_detected"})


def test_a_class_of_the_user_makes_two_hits():
    name = next(item.id for item in normalized(cebpa(MISSENSE)).markers if item.label.startswith("CEBPA p."))
    result = normalized(cebpa(NTERM, MISSENSE), overrides=[override("classify", name, "pathogenic")])
    assert lesion(result, "CEBPA_biallelic") == {"detected"}


def test_an_alias_is_a_label():
    [npm1] = ids(NPM1)
    assert (
        normalized(run(calls=[call(NPM1)]), overrides=[override("alias", npm1, "type A")]).markers[0].label == "type A"
    )


def test_join_makes_one_marker_and_says_by_whom():
    npm1, idh2 = ids(NPM1)[0], ids(IDH2)[0]
    result = normalized(
        run("S1", calls=[call(NPM1)]), run("S2", calls=[call(IDH2)]), overrides=[override("join", idh2, npm1)]
    )
    [found] = result.markers
    assert found.joined == (f"joined with {idh2} by Ada: because",)
    assert {item.sample for item in result.observations} == {"S1", "S2"}


def test_joins_follow_each_other_in_any_order():
    npm1, idh2, tet2 = ids(NPM1)[0], ids(IDH2)[0], ids(TET2)[0]
    chain = [override("join", npm1, idh2), override("join", tet2, npm1)]
    one = normalized(run(calls=[call(NPM1), call(IDH2), call(TET2)]), overrides=chain)
    assert [item.id for item in one.markers] == [idh2]
    assert one == normalized(run(calls=[call(NPM1), call(IDH2), call(TET2)]), overrides=chain[::-1])


def test_split_takes_an_assay_out():
    [npm1] = ids(NPM1)
    runs = [run("S1", "panel", [call(NPM1, level("40 %"))]), run("S1", "dpcr", [call(NPM1, level("38 %"))])]
    result = normalized(*runs, overrides=[override("split", npm1, "dpcr")])
    assert of(result, f"{npm1} [dpcr]").level == 0.38
    assert of(result, npm1).level == 0.4


def test_a_void_observation_stays_with_its_reason():
    [npm1] = ids(NPM1)
    result = normalized(
        run("S1", "panel", [call(NPM1, level("40 %"))]), overrides=[override("void", f"S1/panel/{npm1}")]
    )
    item = of(result, NAME)
    assert (item.status, item.level) == (Status.NOT_EVALUABLE, 0.4)
    assert "void by Ada: because" in item.flags


def test_an_artefact_is_no_second_hit():
    name = next(item.id for item in normalized(cebpa(BZIP)).markers if item.label.startswith("CEBPA p."))
    result = normalized(cebpa(NTERM, BZIP), overrides=[override("void", f"S1/panel/{name}")])
    assert lesion(result, "CEBPA_biallelic") == {"not_detected"}


@pytest.mark.parametrize("action", ["track", "untrack", "classify", "alias", "join", "split", "void"])
def test_a_revoked_decision_does_nothing(action):
    runs = [run("S1", "panel", [call(NPM1, level("40 %"))]), run("S2", "panel", [call(IDH2)])]
    npm1, idh2 = ids(NPM1)[0], ids(IDH2)[0]
    values = {"classify": "benign", "alias": "x", "join": idh2, "split": "panel"}
    target = f"S1/panel/{npm1}" if action == "void" else npm1
    decision = override(action, target, values.get(action, ""))
    assert normalized(*runs, overrides=[replace(decision, revoked=True)]) == normalized(*runs)
    assert normalized(*runs, overrides=[decision]) != normalized(*runs)


def test_a_decision_about_nothing_is_told():
    result = normalized(run(calls=[call(NPM1)]), overrides=[override("track", "TET2 c.1A>G")])
    assert result.messages == ("The decision to track 'TET2 c.1A>G' (by Ada) has nothing to act on.",)


# --- laws of the whole ------------------------------------------------------------------------------------------------

FINDINGS = [
    NPM1,
    IDH2,
    TET2,
    NTERM,
    BZIP,
    MISSENSE,
    SmallVariant("GRCh38", "12", 25245350, "C", "T", gene="KRAS"),
    Itd("FLT3", 21, "GRCh38", "13", 28034123, "insertion"),
    Itd("FLT3", 30, "GRCh38", "13", 28034123, "insertion"),
    Fusion("RUNX1", "RUNX1T1"),
    Fusion("RUNX1T1", "RUNX1"),
    CopyNumber(Change.LOSS, gene="TP53"),
    KaryotypeEvent("-7", lesions=("minus7",)),
    Karyotype("46,XX[20]", 20, (("minus7", False), ("complex", False))),
]
LOOKS = [
    covers(CoverageScope.PANEL, "myeloid"),
    covers(CoverageScope.GENE, "CEBPA", counts=Counts(depth=900)),
    covers(CoverageScope.LESION, "FLT3_ITD"),
    covers(CoverageScope.GENOME_COPY_NUMBER),
    covers(CoverageScope.REGION, build="GRCh38", chrom="12", start=25_245_000, end=25_246_000),
]
printed = st.sampled_from(["40 %", "0.5 %", "0 %"]).map(level)
calls = st.builds(
    lambda finding, levels, filters, line: call(finding, *levels, filters=filters, line=line),
    st.sampled_from(FINDINGS),
    st.lists(printed, max_size=1),
    st.sampled_from([(), (), ("weak",)]),
    st.integers(2, 9),
)
runs = st.lists(
    st.builds(
        run,
        st.sampled_from(["S1", "S2", "S3"]),
        st.sampled_from(["panel", "rna", "array"]),
        st.lists(calls, max_size=4).map(tuple),
        st.lists(st.sampled_from(LOOKS), max_size=2).map(tuple),
        st.sampled_from([DNA, RNA]),
        st.sampled_from(["", "a", "b"]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda item: (item.run.sample, item.run.assay, item.run.part),
)
decisions = st.lists(
    st.sampled_from(
        [
            override("untrack", "FLT3-ITD"),
            override("alias", "FLT3-ITD", "ITD"),
            override("split", "FLT3-ITD", "rna"),
            override("void", "S1/panel/FLT3-ITD"),
            override("join", "FLT3-ITD 30 bp", "FLT3-ITD 21 bp"),
            override("classify", "RUNX1::RUNX1T1", "pathogenic"),
        ]
    ),
    unique=True,
)


@given(runs, decisions, st.randoms(use_true_random=False))
def test_the_order_of_runs_calls_and_decisions_does_not_matter(made, chosen, random):
    def mixed(items):
        return tuple(random.sample(list(items), len(items)))

    given_ = patient(*made, overrides=chosen)
    shuffled = PatientInput(
        given_.patient,
        mixed(given_.samples),
        (),
        (),
        tuple(replace(item, calls=mixed(item.calls), coverage=mixed(item.coverage)) for item in mixed(given_.runs)),
        mixed(given_.overrides),
    )
    assert normalize(given_) == normalize(shuffled)


@given(runs, decisions)
def test_the_same_input_gives_the_same_records(made, chosen):
    assert normalize(patient(*made, overrides=chosen)) == normalize(patient(*made, overrides=chosen))


@given(runs)
def test_a_further_run_takes_nothing_from_other_assays_and_samples(made):
    *others, last = made

    def told(result):
        return Counter(
            (item.sample, plain_assay(item))
            for item in result.observations
            if (item.sample, plain_assay(item)) != (last.run.sample, last.run.assay)
        )

    fewer, more = told(normalize(patient(*others))), told(normalize(patient(*made)))
    assert all(more[key] >= count for key, count in fewer.items())


@given(runs)
def test_every_observation_has_its_marker_and_every_run_its_word(made):
    result = normalize(patient(*made))
    known = {item.id for item in result.markers}
    assert {item.marker for item in result.observations} <= known
    assert len(
        {(o.marker, o.sample, o.assay, o.quantity, o.denominator, o.part, o.origins) for o in result.observations}
    ) == len(result.observations)


def test_a_limit_declared_for_an_assay_holds_for_its_misses():
    result = normalized(
        run("S1", "panel", [call(NPM1, level("40 %"))]),
        run("S2", "panel", (), [covers(CoverageScope.GENE, "NPM1", limits=(limit("lod", "2 %"),))]),
    )
    assert of(result, NAME, "S2").limit(LimitKind.LOD) == 0.02
