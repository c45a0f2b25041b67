"""One source, one transaction: what lands, what changes nothing, what is refused, what is superseded."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from moltrack import __version__
from moltrack.errors import ConflictError, InputError, UnknownError
from moltrack.model import Assay, Event, EventType, PatientInfo, Refused, SampleInfo, Status, Technique, Time, Tissue
from moltrack.store import Store, engine, schema


def levels(store: Store, patient: str = "P01") -> dict[tuple[str, str, str], float | None]:
    found = store.patient_records(patient).observations
    return {(item.sample, item.assay, item.marker): item.level for item in found}


def test_a_landing_is_read_back(store, make, derive):
    landing = make.landing("P01", "S1", make.call("NPM1", "12.5"), date="2021-05-12", tissue=Tissue.BM)
    landed = store.land(landing, derive)
    assert (landed.status, landed.patients, landed.calls, landed.runs) == (
        "landed",
        ("P01",),
        1,
        (landing.runs[0].run,),
    )
    assert store.inputs("P01").runs == landing.runs
    assert store.samples("P01") == [SampleInfo("P01", "S1", Time.on("2021-05-12"), Tissue.BM)]
    [observation] = store.patient_records("P01").observations
    assert (observation.level, observation.status, observation.tissue) == (0.125, Status.DETECTED, Tissue.BM)
    assert store.runs("P01") == [landing.runs[0].run]
    assert store.verify().ok


def test_the_same_again_changes_nothing(store, make, derive):
    landing = make.landing("P01", "S1", make.call())
    store.land(landing, derive)
    before, head = list(store.dump()), store.head()
    assert store.land(landing, derive).status == "unchanged"
    assert store.land(replace(landing, replace=True), derive).status == "unchanged"
    assert (list(store.dump()), store.head()) == (before, head)


def test_the_same_file_may_say_more_of_its_sample_later(store, make, derive):
    store.land(make.landing("P01", "S1", make.call()), derive)
    assert store.land(make.landing("P01", "S1", make.call(), date="2021-05-12"), derive).status == "landed"
    assert store.samples("P01")[0].time == Time.on("2021-05-12")
    with pytest.raises(ConflictError, match=r"date '2021-05-12' .* says '2021-05-13'"):
        store.land(make.landing("P01", "S1", make.call(), date="2021-05-13"), derive)
    assert store.verify().ok


def test_other_options_are_named(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(), options='{"tumor_sample": "T1"}'), derive)
    other = make.landing("P01", "S1", make.call(), options='{"build": "GRCh37"}')
    message = (
        r"other options \(build: not given before, 'GRCh37' now; tumor_sample: 'T1' before, not given now\).*--replace"
    )
    with pytest.raises(ConflictError, match=message):
        store.land(other, derive)
    assert store.land(replace(other, replace=True), derive).status == "replaced"
    assert len(store.runs("P01")) == 1


def test_another_file_for_the_same_run_is_named(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(vaf="10"), file="a.vcf"), derive)
    other = make.landing("P01", "S1", make.call(vaf="20"), file="b.vcf")
    with pytest.raises(
        ConflictError, match=r"mutect2 of sample 'S1' of patient P01 was already read from a\.vcf.*b\.vcf"
    ):
        store.land(other, derive)
    assert levels(store) == {("S1", "mutect2", "NPM1"): 0.1}
    assert store.land(replace(other, replace=True), derive).status == "replaced"
    assert levels(store) == {("S1", "mutect2", "NPM1"): 0.2}
    assert store.verify().ok


def test_parts_of_one_assay_stand_beside_each_other(store, make, derive):
    store.land(make.landing("P01", "S1", make.call("NPM1"), assay="strelka", part="snv", file="snv.vcf"), derive)
    store.land(make.landing("P01", "S1", make.call("FLT3"), assay="strelka", part="indel", file="indel.vcf"), derive)
    assert [run.part for run in store.runs("P01")] == ["indel", "snv"]


def test_the_same_calls_under_another_sample_are_refused(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(), options='{"sample": "S1"}'), derive)
    with pytest.raises(ConflictError, match=r"sample: 'S1' before, 'S2' now.*alike by chance"):
        store.land(make.landing("P01", "S2", make.call(), options='{"sample": "S2"}'), derive)


def test_a_file_with_several_tumour_columns_is_read_for_each(store, make, derive):
    for sample in ("S1", "S2"):
        options = f'{{"sample": "{sample}", "tumor_sample": "T{sample}"}}'
        store.land(make.landing("P01", sample, make.call(), options=options), derive)
    assert [run.sample for run in store.runs("P01")] == ["S1", "S2"]


def test_empty_files_look_alike_for_every_sample(store, make, derive):
    for sample in ("S1", "S2"):
        store.land(make.landing("P01", sample, options=f'{{"sample": "{sample}"}}'), derive)
    assert [run.sample for run in store.runs("P01")] == ["S1", "S2"]


def test_a_file_moved_to_its_right_patient_leaves_the_wrong_one(store, make, derive):
    store.land(make.landing("PO1", "S1", make.call(), options='{"patient": "PO1"}'), derive)
    moved = make.landing("P01", "S1", make.call(), options='{"patient": "P01"}', replace=True)
    assert store.land(moved, derive).patients == ("P01", "PO1")
    assert [info.patient for info in store.patients()] == ["P01"]
    assert store.verify().ok


@pytest.mark.parametrize(
    ("field", "first", "second", "message"),
    [
        pytest.param(
            "date",
            "2021-05-12",
            "2021-05-13",
            r"the date '2021-05-12' \(a.vcf\), but b.vcf says '2021-05-13'",
            id="date",
        ),
        pytest.param("tissue", Tissue.BM, Tissue.PB, "the tissue 'BM'.*'PB'", id="tissue"),
    ],
)
def test_a_sample_that_says_otherwise_is_refused(store, make, derive, field, first, second, message):
    store.land(make.landing("P01", "S1", make.call(), **{field: first}), derive)
    before = list(store.dump())
    other = make.landing("P01", "S1", make.call("FLT3"), assay="vardict", file="b.vcf", **{field: second})
    with pytest.raises(ConflictError, match=message):
        store.land(other, derive)
    assert list(store.dump()) == before


def test_replace_supersedes_what_contradicts(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(), date="2021-05-12", tissue=Tissue.BM), derive)
    store.land(make.table(SampleInfo("P01", "S1", Time.on("2021-05-13")), replace=True), derive)
    assert store.samples("P01")[0].time == Time.on("2021-05-13")
    assert store.verify().ok


def test_a_corrected_table_of_events_replaces_the_earlier_one(store, make, derive):
    wrong, right = (
        Event(EventType.TREATMENT, "7+3", Time.on(day), patient="P01") for day in ("2021-05-02", "2021-05-20")
    )
    store.land(make.table(wrong, file="events.csv"), derive)
    landed = store.land(make.table(right, file="events.csv"), derive)
    assert "both hold now, --replace supersedes the earlier one" in landed.messages[0]
    assert len(store.events("P01")) == 2
    store.land(make.table(right, file="events.csv", content="again", replace=True), derive)
    assert store.events("P01") == [right]


def test_an_alias_belongs_to_one_sample_of_the_database(store, make, derive):
    store.land(make.table(SampleInfo("P01", "S1", aliases=("H21-77",))), derive)
    with pytest.raises(ConflictError, match=r"'H21-77' is an alias of sample 'S1' of patient P01, not of patient P02"):
        store.land(make.table(SampleInfo("P02", "S9", aliases=("H21-77",)), file="b.csv"), derive)
    with pytest.raises(ConflictError, match="not of patient P02"):
        store.land(make.landing("P02", "H21-77", make.call()), derive)


def test_an_alias_may_not_be_another_patients_sample(store, make, derive):
    store.land(make.landing("P02", "H21-77", make.call()), derive)
    with pytest.raises(ConflictError, match="'H21-77' is a sample of patient P02 and cannot be an alias"):
        store.land(make.table(SampleInfo("P01", "S1", aliases=("H21-77",))), derive)


def test_a_sample_named_by_its_alias_is_that_sample(store_url, make, derive):
    landings = [
        make.landing("P01", "H21-77", make.call()),
        make.table(SampleInfo("P01", "S1", tissue=Tissue.PB, aliases=("H21-77",))),
    ]
    with Store.open(store_url) as store:
        for landing in landings:
            store.land(landing, derive)
        assert [info.sample for info in store.samples("P01")] == ["S1"]
        assert [(item.sample, item.tissue) for item in store.patient_records("P01").observations] == [("S1", Tissue.PB)]


def test_a_declared_assay_reaches_the_patients_tested_with_it(store, make, derive):
    store.land(make.landing("P01", "S1", make.call()), derive)
    store.land(make.landing("P02", "S1", make.call(), file="b.vcf", assay="other"), derive)
    landed = store.land(make.table(Assay("mutect2", Technique.RNA_SEQUENCING), file="assays.yaml"), derive)
    assert landed.patients == ("P01",)
    assert store.patient_records("P01").observations[0].technique is Technique.RNA_SEQUENCING
    assert store.assays() == [Assay("mutect2", Technique.RNA_SEQUENCING)]
    assert store.verify().ok


@pytest.mark.parametrize(
    ("patient", "message"),
    [
        pytest.param(" ", "the patient is empty", id="empty"),
        pytest.param("P\n01", "control character", id="newline"),
        pytest.param("P\u200b01", "control character", id="zero-width"),
        pytest.param("P" * 121, "longer than 120", id="long"),
    ],
)
def test_an_identifier_that_cannot_be_used_is_refused(store, make, derive, patient, message):
    with pytest.raises(InputError, match=message):
        store.land(make.landing(patient, "S1", make.call()), derive)
    assert store.patients() == []


def test_spellings_of_one_name_are_one_patient(store, make, derive):
    store.land(make.landing("Mu\u0308ller ", "S1", make.call()), derive)
    store.land(make.landing("M\u00fcller", "S2", make.call(), file="b.vcf"), derive)
    assert [info.patient for info in store.patients()] == ["M\u00fcller"]


def test_names_that_differ_in_capitals_are_remarked(store, make, derive):
    store.land(make.landing("p01", "S1", make.call()), derive)
    landed = store.land(make.landing("P01", "S1", make.call(), file="b.vcf"), derive)
    assert landed.messages == ("patient 'P01' and patient 'p01' differ only in capitals: are they the same?",)


def test_a_file_may_hold_what_no_text_should(store, make, derive):
    store.land(make.landing("P01", "S1", make.call("NPM1\0\udcff")), derive)
    assert store.inputs("P01").runs[0].calls[0].finding.gene == "NPM1\0\udcff"
    assert store.verify().ok


def test_a_failing_derivation_leaves_the_store_as_it_was(store, make, derive):
    store.land(make.landing("P01", "S1", make.call()), derive)
    before, head = list(store.dump()), store.head()

    def broken(inputs):
        raise InputError("cannot be derived.")

    with pytest.raises(InputError, match="cannot be derived"):
        store.land(make.landing("P01", "S2", make.call(), file="b.vcf"), broken)
    assert (list(store.dump()), store.head()) == (before, head)


def test_an_unknown_patient_is_told_with_near_names(store, make, derive):
    with pytest.raises(UnknownError, match=r"'P01' is not in the database\. The database holds no patient yet"):
        store.patient("P01")
    store.land(make.landing("P01", "S1", make.call()), derive)
    for ask in (store.patient, store.inputs, store.patient_records):
        with pytest.raises(UnknownError, match=r"patient 'P1' is not in the database\. Did you mean P01\?"):
            ask("P1")


def test_any_order_gives_the_same_dump(tmp_path, make, derive):
    landings = [
        make.landing("P01", "S1", make.call("NPM1"), date="2021-05-12"),
        make.landing("P01", "H7", make.call("FLT3"), file="b.vcf", assay="vardict"),
        make.table(
            SampleInfo("P01", "S1", Time.on("2021-05"), Tissue.BM, aliases=("H7",)), PatientInfo("P01", sex="female")
        ),
        make.table(Event(EventType.TREATMENT, "7+3", Time.on("2021-05-20"), patient="P01", line=2), file="events.csv"),
    ]
    dumps = set()
    for number, order in enumerate(permutations(landings)):
        with Store.open(tmp_path / f"{number}.db") as store:
            for landing in (*order, order[0]):
                store.land(landing, derive)
            dumps.add("\n".join(store.dump()))
    assert len(dumps) == 1


def test_both_databases_print_the_same_dump(store, tmp_path, make, derive):
    landings = [make.landing("Mu\u0308ller", "s", make.call("Z")), make.landing("a", "S", make.call("b"), file="b.vcf")]
    with Store.open(tmp_path / "other.db") as other:
        for landing in landings:
            store.land(landing, derive)
        for landing in reversed(landings):
            other.land(landing, derive)
        assert list(store.dump()) == list(other.dump())


def test_what_was_said_of_a_sample_outlives_the_replaced_file(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(), date="2021-05-12"), derive)
    store.land(make.landing("P01", "S1", make.call(vaf="40"), file="b.vcf", replace=True), derive)
    assert store.samples("P01")[0].time == Time.on("2021-05-12")
    assert store.verify().ok


def test_rows_that_could_not_be_used_are_kept_with_their_source(store, make, derive):
    landing = replace(make.landing("P01", "S1", make.call()), refused=(Refused(9, "no number"),))
    assert store.land(landing, derive).refused == 1
    assert '"refused":[[9,"no number"]]' in "\n".join(store.dump())


def test_the_audit_says_who(store, make, derive, monkeypatch):
    monkeypatch.setenv("MOLTRACK_USER", "kim")
    store.land(make.landing("P01", "S1", make.call(), part="snv"), derive)
    with engine.reading(store._engine, store._place) as connection:
        [row] = connection.execute(schema.audit.select())
    assert (row.kind, row.by, row.patient, row.subject) == ("run", "kim", "P01", "S1/mutect2/snv")
    assert row.version == __version__


def test_one_landing_of_many_samples_has_an_audit_row_per_run(store, make, derive):
    parts = [make.landing("P01", f"S{n}", make.call()) for n in range(3)]
    landing = replace(parts[0], runs=tuple(part.runs[0] for part in parts))
    assert len(store.land(landing, derive).runs) == 3
    assert store.info().audit_rows == 3
    assert store.verify().ok
