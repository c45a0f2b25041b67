"""What a person states or decides."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from moltrack.errors import ConflictError, InputError, UnknownError
from moltrack.model import (
    Assay,
    Event,
    EventType,
    Override,
    OverrideAction,
    PatientInfo,
    SampleInfo,
    Status,
    Technique,
    Time,
    Tissue,
)

VOID = Override(OverrideAction.VOID, "P01", "S1/mutect2/NPM1", "", "wrong slide", "kim")


@pytest.fixture
def filled(store, make, derive):
    store.land(make.landing("P01", "S1", make.call(), date="2021-05-12", tissue=Tissue.BM), derive)
    store.land(make.landing("P02", "S1", make.call(), file="b.vcf"), derive)
    return store


def test_a_sample_set_by_hand_supersedes_what_files_said(filled, derive):
    filled.set_sample(SampleInfo("P01", "S1", Time.on("2021-05-13"), Tissue.PB), derive)
    assert filled.samples("P01") == [SampleInfo("P01", "S1", Time.on("2021-05-13"), Tissue.PB)]
    assert filled.patient_records("P01").observations[0].tissue is Tissue.PB
    assert filled.verify().ok


def test_a_file_that_contradicts_a_hand_is_refused(filled, make, derive):
    filled.set_sample(SampleInfo("P01", "S1", Time.on("2021-05-13")), derive)
    with pytest.raises(ConflictError, match=r"'2021-05-13' \(set by hand\), but c.vcf says '2021-05-14'"):
        filled.land(make.landing("P01", "S1", make.call(), assay="x", file="c.vcf", date="2021-05-14"), derive)


def test_setting_the_same_twice_is_one_change(filled, derive):
    info = PatientInfo("P01", sex="female", age=17)
    filled.set_patient(info, derive)
    head = filled.head()
    filled.set_patient(info, derive)
    assert (filled.patient("P01"), filled.head()) == (info, head)


def test_a_patient_may_exist_before_its_files(store, derive):
    store.set_patient(PatientInfo("P09", age=61), derive)
    assert store.patients() == [PatientInfo("P09", age=61)]
    assert store.verify().ok


def test_an_assay_set_by_hand_derives_its_patients(filled, derive):
    filled.set_assay(Assay("mutect2", Technique.RNA_SEQUENCING), derive)
    for patient in ("P01", "P02"):
        assert filled.patient_records(patient).observations[0].technique is Technique.RNA_SEQUENCING
    assert filled.verify().ok


def test_events_are_added_and_removed(filled, derive):
    event = Event(EventType.TREATMENT, "7+3", Time.on("2021-05-20"), patient="P01", recorded_by="kim")
    filled.add_event(event, derive)
    with pytest.raises(ConflictError, match="'7\\+3' of patient P01 is recorded already"):
        filled.add_event(event, derive)
    filled.remove_event(filled.events("P01")[0], derive)
    assert filled.events("P01") == []
    with pytest.raises(UnknownError, match="patient P01 has no event '7\\+3'"):
        filled.remove_event(event, derive)
    assert filled.verify().ok


def test_an_override_is_kept_and_reversible(filled, derive):
    filled.add_override(VOID, derive)
    assert filled.patient_records("P01").observations[0].status is Status.NOT_EVALUABLE
    filled.revoke_override(VOID, "it was the right one", "lee", derive)
    assert filled.patient_records("P01").observations[0].status is Status.DETECTED
    [kept] = filled.overrides("P01")
    assert (kept.revoked, kept.reason) == (True, "wrong slide (revoked by lee: it was the right one)")
    assert filled.inputs("P01").overrides == ()
    assert filled.verify().ok


def test_an_override_is_made_once_and_revoked_once(filled, derive):
    filled.add_override(VOID, derive)
    with pytest.raises(ConflictError, match="is decided already"):
        filled.add_override(VOID, derive)
    filled.revoke_override(VOID, "no", "lee", derive)
    with pytest.raises(UnknownError, match="not a decision that holds"):
        filled.revoke_override(filled.overrides("P01")[0], "no", "lee", derive)


def test_an_override_needs_a_reason(filled, derive):
    with pytest.raises(InputError, match="needs a reason and a name"):
        filled.add_override(Override(OverrideAction.TRACK, "P01", "NPM1", "", " ", "kim"), derive)


def test_a_deleted_patient_is_gone_and_the_chain_holds(filled, derive):
    head = filled.head()
    filled.delete_patient("P01")
    assert [info.patient for info in filled.patients()] == ["P02"]
    assert "P01" not in "\n".join(filled.dump())
    assert "a.vcf" not in "\n".join(filled.dump())
    result = filled.verify(head)
    assert (result.problems, result.rows) == ((), 3)
    assert "1 rows follow it" in result.notes[0]
    with pytest.raises(UnknownError):
        filled.delete_patient("P01")


def test_nothing_of_a_deleted_patient_stays_in_the_file(sqlite_store, tmp_path, make, derive):
    sqlite_store.land(make.landing("UNMISTAKABLE", "S1", make.call()), derive)
    sqlite_store.set_patient(PatientInfo("UNMISTAKABLE", note="a note"), derive)
    sqlite_store.delete_patient("UNMISTAKABLE")
    sqlite_store.close()
    left = b"".join(path.read_bytes() for path in tmp_path.glob("moltrack.db*"))
    assert b"UNMISTAKABLE" not in left
    assert b"a note" not in left


def test_the_holder_of_the_key_can_tell_whom_a_digest_is_about(filled):
    digest = filled.delete_patient("P01", "a long secret")
    assert digest == hmac.new(b"a long secret", b"P01", hashlib.sha256).hexdigest()


def test_a_deleted_patient_may_come_back(filled, make, derive):
    filled.delete_patient("P01")
    assert filled.land(make.landing("P01", "S1", make.call()), derive).status == "landed"
    assert filled.verify().ok


def test_a_table_of_several_patients_keeps_the_others(store, make, derive):
    store.land(
        make.table(PatientInfo("P01", sex="male"), PatientInfo("P02", sex="female"), file="patients.csv"), derive
    )
    store.delete_patient("P01")
    assert store.patients() == [PatientInfo("P02", sex="female")]
    assert store.verify().ok


def test_rebuilding_what_is_right_changes_nothing(filled, derive):
    before, head = list(filled.dump()), filled.head()
    assert filled.rebuild(derive) == 2
    assert (list(filled.dump()), filled.head()) == (before, head)


def test_rebuilding_takes_a_better_derivation(filled, derive):
    from dataclasses import replace

    def better(inputs):
        found = derive(inputs)
        return replace(found, observations=tuple(replace(item, formula="better") for item in found.observations))

    assert filled.rebuild(better, "P01") == 1
    assert [filled.patient_records(name).observations[0].formula for name in ("P01", "P02")] == ["better", ""]
    assert filled.verify().ok


def test_superseded_values_stay_readable(filled, make, derive):
    moment = datetime.now(UTC)
    filled.set_sample(SampleInfo("P01", "S1", Time.on("2021-05-13"), Tissue.PB), derive)
    filled.land(make.landing("P01", "S1", make.call(vaf="40"), content="new", replace=True), derive)
    now, then = filled.patient_records("P01"), filled.patient_records("P01", as_of=moment)
    assert (now.observations[0].level, now.samples[0].tissue) == (0.4, Tissue.PB)
    assert (then.observations[0].level, then.samples[0].tissue) == (0.125, Tissue.BM)
    assert then.runs != now.runs
    with pytest.raises(UnknownError, match="was not in the database at that time"):
        filled.patient_records("P01", as_of=datetime(2020, 1, 1, tzinfo=UTC))


def test_a_clock_that_goes_backwards_does_no_harm(filled, make, derive, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2001, 1, 1, tzinfo=tz)

    monkeypatch.setattr("moltrack.store.audit.datetime", Earlier)
    filled.land(make.landing("P03", "S1", make.call(), file="c.vcf"), derive)
    assert filled.verify().ok
    assert filled.patient_records("P03").observations
