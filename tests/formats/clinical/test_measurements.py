"""The table of measured values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moltrack.errors import FormatError
from moltrack.formats import read
from moltrack.model import (
    Adequacy,
    Call,
    Change,
    CopyNumber,
    Counts,
    Fusion,
    Itd,
    LimitKind,
    MarkerKind,
    Measured,
    Printed,
    PrintedLimit,
    Reported,
    SmallVariant,
    Technique,
)

Write = Callable[..., Path]


def one(write: Write, header: str, row: str) -> Call:
    [call] = [record for record in read(write("t.csv", header, row)).records if isinstance(record, Call)]
    return call


def test_flow_mrd_with_its_limits_and_events(write: Write) -> None:
    call = one(
        write,
        "patient,sample,name,kind,value,denominator,lod,loq,events,events_total,assay,note",
        "P1,S1,MFC-MRD,flow,2.5e-4,CD45+,1e-4,5e-4,125,500000,mfc,LAIP",
    )
    assert call == Call(
        finding=Measured(MarkerKind.FLOW, "MFC-MRD"),
        line=2,
        levels=(Printed("cell_fraction", Decimal("0.00025"), "", "2.5e-4", "", "CD45+"),),
        counts=Counts(events=125.0, events_total=500000.0),
        limits=(
            PrintedLimit(LimitKind.LOD, Printed("cell_fraction", Decimal("0.0001"), "", "1e-4")),
            PrintedLimit(LimitKind.LOQ, Printed("cell_fraction", Decimal("0.0005"), "", "5e-4")),
        ),
        patient="P1",
        sample="S1",
        assay="mfc",
        technique=Technique.FLOW,
        notes=("LAIP",),
    )


def test_limits_are_in_the_unit_of_the_value_unless_they_say_otherwise(write: Write) -> None:
    call = one(write, "sample,name,kind,value,unit,lod,loq", "S1,MFC,flow,0.5,%,0.01,0.05 %")
    assert [limit.value.unit for limit in call.limits] == ["%", "%"]
    assert [str(limit.value.value) for limit in call.limits] == ["0.01", "0.05"]


def test_percent_in_the_header_is_a_percent(write: Write) -> None:
    call = one(write, "sample;name;kind;Wert (%)", "S1;blasts;blasts;0.5")
    assert (call.levels[0].value, call.levels[0].unit) == (Decimal("0.5"), "%")


@pytest.mark.parametrize(
    ("columns", "cells", "level", "formula"),
    [
        ("events,events_total", "125,500000", Decimal("0.00025"), "events / events_total"),
        ("cells,cells_total", "3,100", Decimal("0.03"), "cells / cells_total"),
    ],
)
def test_level_is_computed_from_counts_where_none_is_printed(
    write: Write, columns: str, cells: str, level: Decimal, formula: str
) -> None:
    call = one(write, f"sample,name,kind,value,{columns}", f"S1,MFC,flow,,{cells}")
    assert (call.levels[0].value, call.formula) == (level, formula)


def test_copies_over_control_copies(write: Write) -> None:
    call = one(
        write,
        "sample,name,kind,value,target_copies,control_copies,denominator",
        "S1,RUNX1::RUNX1T1,fusion,,42,84000,ABL1",
    )
    assert call.finding == Fusion("RUNX1", "RUNX1T1")
    assert call.levels == (Printed("normalized_copies", Decimal("0.0005"), "ratio", "42/84000", "", "ABL1"),)
    assert (call.counts.copies, call.counts.control_copies) == (42, 84000)


def test_control_gene_without_copies_is_an_error(write: Write) -> None:
    with pytest.raises(FormatError, match="has control_copies 0"):
        one(write, "sample,name,kind,value,target_copies,control_copies", "S1,RUNX1::RUNX1T1,fusion,,0,0")


def test_more_positive_than_all_events_is_an_error(write: Write) -> None:
    with pytest.raises(FormatError, match="counts 20 events of 10"):
        one(write, "sample,name,kind,value,events,events_total", "S1,MFC,flow,,20,10")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("BM blasts", MarkerKind.BLASTS),
        ("MFC-MRD", MarkerKind.FLOW),
        ("CRP", MarkerKind.ANALYTE),
        ("IL-6", MarkerKind.ANALYTE),
        ("donor chimaerism", MarkerKind.CHIMERISM),
    ],
)
def test_name_may_say_its_kind(write: Write, name: str, kind: MarkerKind) -> None:
    unit = "mg/L" if kind is MarkerKind.ANALYTE else "%"
    assert one(write, "sample,name,value,unit", f"S1,{name},1,{unit}").finding == Measured(kind, name)


def test_name_that_does_not_say_its_kind_is_asked_for(write: Write) -> None:
    with pytest.raises(FormatError, match="'thing', which does not say what kind of thing it is"):
        one(write, "sample,name,value", "S1,thing,1 %")


@pytest.mark.parametrize(
    ("name", "kind", "quantity", "value", "finding"),
    [
        ("SKAP2-RUNX1", "fusion", "fusion_fraction", "3.0 %", Fusion("SKAP2", "RUNX1")),
        ("FLT3-ITD", "itd", "allelic_ratio", "0.594", Itd("FLT3", aggregate=True)),
        (
            "TP53 deletion",
            "copy_number",
            "",
            "72 %",
            CopyNumber(Change.LOSS, gene="TP53", nomenclature="TP53 deletion"),
        ),
        ("IDH2 p.R140Q", "small_variant", "vaf", "6 %", SmallVariant(gene="IDH2", hgvs_p="p.R140Q")),
        ("CD7", "antigen", "", "95.6 %", Measured(MarkerKind.ANTIGEN, "CD7")),
        ("WT1", "expression", "normalized_copies", "2.1 %", Measured(MarkerKind.EXPRESSION, "WT1", gene="WT1")),
    ],
)
def test_finding_by_kind(write: Write, name: str, kind: str, quantity: str, value: str, finding: object) -> None:
    call = one(write, "sample,name,kind,quantity,value", f"S1,{name},{kind},{quantity},{value}")
    assert call.finding == finding


def test_reported_conclusion_has_no_level(write: Write) -> None:
    call = one(write, "sample,name,kind,value", "S1,karyotype,reported,complex")
    assert (call.finding, call.levels) == (Reported("karyotype", "complex"), ())


def test_value_of_a_fusion_must_say_what_it_is(write: Write) -> None:
    with pytest.raises(FormatError, match="of kind fusion without saying what it is"):
        one(write, "sample,name,kind,value", "S1,BCR::ABL1,fusion,3 %")


def test_named_control_gene_says_it(write: Write) -> None:
    call = one(write, "sample,name,kind,value,denominator", "S1,BCR::ABL1,fusion,0.012 %,ABL1")
    assert call.levels[0].quantity == "normalized_copies"


def test_what_tells_of_the_quality_of_a_result(write: Write) -> None:
    call = one(write, "sample,name,kind,value,first_pull,age_days,compartment_cells", "S1,MFC-MRD,flow,0.1 %,yes,1,250")
    assert call.adequacy == Adequacy(first_pull=True, age_days=1, compartment_cells=250)
    row = "S1,NPM1 type A,small_variant,,negative,38.1; undetermined; Undetermined"
    call = one(write, "sample,name,kind,value,result,ct", row)
    assert call.adequacy == Adequacy(cycles=(38.1, None, None))


@pytest.mark.parametrize("cell", ["late", "138", "38;;-2"])
def test_a_cycle_that_is_none_is_refused(write: Write, cell: str) -> None:
    with pytest.raises(FormatError, match=rf"^t\.csv:2: column 'ct' holds '{cell}'"):
        one(write, "sample,name,kind,value,result,ct", f"S1,NPM1 type A,small_variant,,negative,{cell}")


def test_unknown_gene_in_a_fusion_names_it(write: Write) -> None:
    with pytest.raises(
        FormatError, match=r"^t\.csv:2: column 'name' holds 'RUNX1::XYZ9': 'XYZ9' in .* is not a gene that is known"
    ):
        one(write, "sample,name,kind,value", "S1,RUNX1::XYZ9,fusion,positive")


def test_copies_per_microgram(write: Write) -> None:
    path = write(
        "t.csv",
        "sample;name;kind;quantity;value;unit",
        "S1;CAR;analyte;copies_per_ug;183,945;copies/µg",
        "S2;CAR;analyte;copies_per_ug;5084.0;copies/ug",
    )
    values = [record.levels[0].value for record in read(path).records if isinstance(record, Call)]
    assert values == [Decimal(183945), Decimal("5084.0")]


ROWS = (
    "S1,MFC-MRD,flow,2.5e-4,CD45+,",
    "S1,MFC-MRD,flow,,CD45+,positive",
    "S2,MFC-MRD,flow,<1e-4,CD45+,",
    "S2,blasts,blasts,20 %,,",
    "S3,SKAP2::RUNX1,fusion,,,negative",
)


@settings(max_examples=20)
@given(st.permutations(ROWS))
def test_order_of_rows_does_not_matter(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    def found(lines: Iterable[str]) -> set[Call]:
        path = tmp_path_factory.mktemp("rows") / "t.csv"
        path.write_text("\n".join(("sample,name,kind,value,denominator,result", *lines)))
        return {replace(record, line=0) for record in read(path).records if isinstance(record, Call)}

    assert found(rows) == found(ROWS)
