"""Records as canonical JSON text, and back."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import model
from moltrack.model import Call, Counts, KaryotypeEvent, Printed, SampleInfo, SmallVariant, Time, Tissue
from moltrack.store.codec import decode, encode

RECORDS = [
    model.Call,
    model.Coverage,
    model.Event,
    model.SampleInfo,
    model.PatientInfo,
    model.Assay,
    model.Override,
    model.Run,
    model.Source,
    model.Marker,
    model.Observation,
    model.FileInfo,
    model.Refused,
    *model.FINDINGS,
]

st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_every_record_comes_back_as_it_was(cls: type, data: st.DataObject) -> None:
    record = data.draw(st.from_type(cls))
    text = encode(record)
    assert decode(text, cls) == record
    assert encode(decode(text, cls)) == text
    assert repr(decode(text, cls)) == repr(record)
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))  # the canonical form of JSON


@pytest.mark.parametrize(
    "record",
    [
        Counts(alt=12, depth=30),
        model.Adequacy(age_days=3),
        model.PatientInfo("P01", age=61),
        model.CopyNumber(model.Change.GAIN, total=3),
        SmallVariant(gene="NPM1", population_af=0),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_whole_number_prints_as_it_will_when_read_again(record: object) -> None:
    # Ties between calls are broken by what they print: a call must not win before it is stored and lose thereafter.
    assert repr(record) == repr(decode(encode(record), type(record)))


@pytest.mark.parametrize("cls", model.FINDINGS, ids=lambda cls: cls.__name__)
def test_no_finding_has_a_field_that_hides_its_type(cls: type) -> None:
    assert "type" not in {field.name for field in fields(cls)}


def test_fields_at_their_default_are_left_out() -> None:
    assert encode(SampleInfo("P01", "S1", tissue=Tissue.BM)) == '{"patient":"P01","sample":"S1","tissue":"BM"}'


def test_dates_and_intervals_are_iso() -> None:
    text = encode(SampleInfo("P01", "S1", Time.on("2021-05")))
    assert '"first":"2021-05-01","last":"2021-05-31"' in text
    assert decode(text, SampleInfo).time.last == date(2021, 5, 31)


def test_printed_digits_survive() -> None:
    printed = Printed("vaf", Decimal("6.0"), "%", "6.0 %")
    call = Call(SmallVariant(gene="NPM1"), 3, levels=(printed,))
    assert str(decode(encode(call), Call).levels[0].value) == "6.0"


def test_equal_counts_have_one_text() -> None:
    assert encode(Counts(alt=12)) == encode(Counts(alt=12.0)) == '{"alt":12.0}'


def test_an_infinite_ratio_is_valid_json() -> None:
    assert encode(Counts(alt=float("inf"))) == '{"alt":"inf"}'
    assert decode('{"alt":"inf"}', Counts).alt == float("inf")


def test_text_is_ascii_whatever_a_file_holds() -> None:
    event = KaryotypeEvent("µ\udcff\x00")
    assert encode(event).isascii()
    assert decode(encode(event), KaryotypeEvent) == event


def test_a_text_of_another_record_is_refused() -> None:
    with pytest.raises(TypeError):
        decode('{"colour":"red"}', SampleInfo)
