"""What a user can get wrong: one clear sentence, exit status 1, and a store that is as it was."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]
Write = Callable[..., Path]

FISH = "patient,sample,probe,gene,result,value,unit,cells,cells_total"

VCF = """##fileformat=VCFv4.2
##contig=<ID=chr13,length=114364328>
##contig=<ID=chr1,length=248956422>
##FILTER=<ID=PASS,Description="All filters passed">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}
chr13\t28018505\t.\tC\tA\t.\tPASS\t.\tGT:AD\t{calls}
"""

MEASUREMENTS = "#moltrack: measurements\npatient,sample,name,kind,quantity,value,unit,result,date"


def vcf(samples: str = "S1", calls: str = "0/1:90,10") -> str:
    return VCF.format(samples=samples, calls=calls)


@pytest.fixture
def refused(run: Run, dump: Callable[[], str], write: Write) -> Callable[..., str]:
    """Ingest something good, then something bad: the message, after checking that status is 1 and the store unchanged."""
    good = write("good.vcf", *vcf().rstrip("\n").split("\n"))
    assert run("ingest", good, "--patient", "P1", "--sample", "S0").status == 0

    def _refused(path: Path, *options: str) -> str:
        before = dump()
        result = run("ingest", path, *options)
        assert result.status == 1, result
        assert result.out == ""
        assert result.err.startswith("Error: ")
        assert result.err.count("\n") == 1, result.err
        assert "Traceback" not in result.err
        assert dump() == before != ""
        return result.err.removeprefix("Error: ").strip()

    return _refused


ONE = ("--patient", "P1", "--sample", "S1")


def test_a_file_that_is_none_we_know(refused: Callable[..., str], write: Write) -> None:
    assert "note.txt: is not a file that moltrack knows. See 'moltrack formats'" in refused(
        write("note.txt", "Dear colleague,"), *ONE
    )


def test_a_file_that_is_not_there(refused: Callable[..., str], tmp_path: Path) -> None:
    assert refused(tmp_path / "gone.vcf", *ONE) == "gone.vcf: does not exist."


def test_an_empty_file(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "empty.tsv").touch()
    assert refused(tmp_path / "empty.tsv", *ONE).startswith("empty.tsv: is empty (0 bytes).")


def test_binary_junk(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "junk.vcf").write_bytes(bytes(range(256)) * 20)
    assert refused(tmp_path / "junk.vcf", *ONE) == "junk.vcf: is a binary file of no known format."


def test_a_truncated_gzip(refused: Callable[..., str], tmp_path: Path) -> None:
    import random

    noise = "".join(f"##note={random.Random(n).random()}\n" for n in range(20000))
    text = vcf().replace("#CHROM", noise + "#CHROM")
    (tmp_path / "cut.vcf.gz").write_bytes(gzip.compress(text.encode())[:-4000])
    assert "cut.vcf.gz: is a truncated gzip file. Copy it again" in refused(tmp_path / "cut.vcf.gz", *ONE)


def test_several_samples_and_no_hint_which_is_the_tumour(refused: Callable[..., str], write: Write) -> None:
    path = write("two.vcf", *vcf("A\tB", "0/1:90,10\t0/0:99,0").rstrip("\n").split("\n"))
    message = refused(path, *ONE)
    assert "A" in message
    assert "B" in message
    assert "--tumor-sample" in message


def test_a_vcf_without_samples(refused: Callable[..., str], write: Write) -> None:
    lines = ["\t".join(line.split("\t")[:8]) for line in vcf().rstrip("\n").split("\n")]
    assert "none.vcf" in refused(write("none.vcf", *lines), *ONE)


def test_a_build_that_nothing_tells(refused: Callable[..., str], write: Write) -> None:
    lines = [
        line for line in vcf().replace("28018505", "100").rstrip("\n").split("\n") if not line.startswith("##contig")
    ]
    assert "--build" in refused(write("nobuild.vcf", *lines), *ONE)


def test_a_build_against_the_file(refused: Callable[..., str], write: Write) -> None:
    message = refused(write("b.vcf", *vcf().rstrip("\n").split("\n")), *ONE, "--build", "GRCh37")
    assert "GRCh38" in message
    assert "GRCh37" in message


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("P1,S1,MFC-MRD,flow,cell_fraction,-2,%,,", "m.csv:3: ", id="negative-fraction"),
        pytest.param("P1,S1,MFC-MRD,flow,cell_fraction,120,%,,", "m.csv:3: ", id="more-than-all-cells"),
        pytest.param(
            "P1,S1,NPM1,small_variant,vaf,1.3,,,",
            "An allelic ratio may exceed 1, a VAF may not",
            id="ratio-given-as-vaf",
        ),
        pytest.param('P1,S1,CRP,analyte,analyte,"1,234",mg/L,,', "ambiguous", id="comma-that-nothing-settles"),
        pytest.param("P1,S1,BCR::NOSUCHGENE,fusion,fusion_fraction,3,%,,", "NOSUCHGENE", id="unknown-gene-in-a-fusion"),
        pytest.param("P1,S1,MFC-MRD,flow,cell_fraction,2,%,,2999-01-01", "future", id="date-in-the-future"),
        pytest.param(
            "P1,S1,MFC-MRD,flow,cell_fraction,2,%,,12/05/2021",
            "may be 2021-05-12 or 2021-12-05",
            id="date-of-another-spelling",
        ),
        pytest.param("P1,S1,MFC-MRD,flow,purity,2,%,,", "purity", id="unknown-quantity"),
    ],
)
def test_a_measurement_that_cannot_be(refused: Callable[..., str], write: Write, row: str, message: str) -> None:
    assert message in refused(write("m.csv", *MEASUREMENTS.split("\n"), row))


def test_the_same_row_twice_names_both_lines(refused: Callable[..., str], write: Write) -> None:
    row = "P1,S1,MFC-MRD,flow,cell_fraction,2,%,,"
    message = refused(write("m.csv", *MEASUREMENTS.split("\n"), row, row))
    assert "m.csv:4" in message
    assert "line 3" in message


def test_other_options_without_replace(refused: Callable[..., str], run: Run, write: Write, tmp_path: Path) -> None:
    good = tmp_path / "good.vcf"
    message = refused(good, "--patient", "P1", "--sample", "S0", "--genes", "all")
    assert "genes" in message
    assert "--replace" in message
    assert run("ingest", good, "--patient", "P1", "--sample", "S0", "--genes", "all", "--replace").status == 0


def test_a_patient_that_is_not_there(run: Run, refused: Callable[..., str]) -> None:
    result = run("table", "P9")
    assert (result.status, "P9" in result.err) == (1, True)


def test_no_database_yet(run: Run) -> None:
    result = run("table", "P1")
    assert result.status == 1
    assert "test.db" in result.err


def test_a_file_that_is_no_database(run: Run, tmp_path: Path, write: Write) -> None:
    write("test.db", "not a database, but long enough to be read as one " * 40)
    result = run("patient", "list")
    assert result.status == 1
    assert result.err.count("\n") == 1


def test_a_locked_database(
    run: Run, refused: Callable[..., str], tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLTRACK_BUSY_SECONDS", "0.2")
    with sqlite3.connect(tmp_path / "test.db", isolation_level=None) as other:
        other.execute("begin exclusive")
        result = run("ingest", write("m.csv", *MEASUREMENTS.split("\n"), "P1,S1,MFC-MRD,flow,cell_fraction,2,%,,"))
        other.execute("rollback")
    assert result.status == 1
    assert "lock" in result.err.lower() or "busy" in result.err.lower()


def test_a_header_alone_of_our_own_table(refused: Callable[..., str], write: Write) -> None:
    assert "no rows" in refused(write("m.csv", *MEASUREMENTS.split("\n")))


def test_a_header_alone_of_a_caller_is_a_negative_run(run: Run, write: Write) -> None:
    header = vcf().split("chr13\t2801")[0].rstrip("\n")
    result = run("ingest", write("negative.vcf", *header.split("\n")), *ONE)
    assert (result.status, "0 calls" in result.out) == (0, True)


def test_usage_errors_have_status_two(run: Run) -> None:
    assert run("ingest").status == 2
    assert run("no-such-command").status == 2
