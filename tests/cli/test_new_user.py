"""What somebody meets who types commands for the first time: slips are refused in words, nothing is taken in silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]
Write = Callable[..., Path]

VARIANTS = (
    "#moltrack: variants",
    "patient,sample,gene,hgvs_c,hgvs_p,vaf,class,date,tissue",
    "P1,S1,TET2,c.1648C>T,p.Arg550Ter,12 %,pathogenic,2021-05-12,BM",
    "P1,S2,TP53,c.722C>T,p.Ser241Phe,8 %,pathogenic,2021-06-12,BM",
)


@pytest.fixture
def filled(run: Run, write: Write) -> Run:
    """A database with one patient, two samples and two markers."""
    assert run("ingest", write("v.csv", *VARIANTS)).status == 0
    return run


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            ("event", "add", "P1", "treatment", "7+3", "--date", "2021-05-20", "--end-date", "2021-05-10"),
            "event '7+3' ends (2021-05-10) before it begins (2021-05-20).",
            id="event-ends-before-it-begins",
        ),
        pytest.param(
            ("event", "add", "P1", "treatment", "7+3", "--day", "1", "--end-date", "2021-05-10"),
            "event '7+3' has an end on another scale than its start. Give both as dates or both as days.",
            id="event-on-two-scales",
        ),
        pytest.param(
            ("marker", "join", "P1", "TET2", "TET2", "--reason", "x"),
            "'TET2 p.Arg550Ter' cannot be joined with itself. Name two markers.",
            id="join-with-itself",
        ),
        pytest.param(
            ("marker", "split", "P1", "TET2", "getitd", "--reason", "x"),
            "no call of 'TET2 p.Arg550Ter' is of assay 'getitd' (variants).",
            id="split-unknown-assay",
        ),
        pytest.param(
            ("sample", "set", "P1", "S2", "--alias", "S1"),
            "'S1' is a sample of patient P1 itself. Give another --alias.",
            id="alias-is-a-sample",
        ),
        pytest.param(
            ("observation", "list", "P1", "--sample", "D17"),
            "patient P1 has no sample 'D17' (S1, S2).",
            id="observations-of-unknown-sample",
        ),
    ],
)
def test_a_slip_is_refused_in_one_sentence(
    filled: Run, dump: Callable[[], str], arguments: tuple[str, ...], sentence: str
) -> None:
    before = dump()
    result = filled(*arguments)
    assert (result.status, result.err) == (1, f"Error: {sentence}\n")
    assert dump() == before


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("sample", "set", "P1", "S3", "--from", "HSCT"), id="sample"),
        pytest.param(("ingest", "v.csv", "--from", "HSCT"), id="ingest"),
    ],
)
def test_from_without_day_is_not_dropped(filled: Run, arguments: tuple[str, ...]) -> None:
    result = filled(*arguments)
    assert result.status == 2
    assert "--from goes with --day." in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("event", "add", "P1", "treatment", "x", "--day", "3", "--from", "HSTC"), id="event"),
        pytest.param(("sample", "set", "P1", "S3", "--day", "3", "--from", "HSTC"), id="sample"),
    ],
)
def test_days_from_an_event_that_is_not_there_are_said(filled: Run, arguments: tuple[str, ...]) -> None:
    result = filled(*arguments)
    assert result.status == 0
    assert "patient P1 has no event 'HSTC': its days are not placed until there is one." in result.err


def test_a_sample_of_a_new_patient_says_that_the_patient_is_new(filled: Run) -> None:
    assert "was not in the database before" in filled("sample", "set", "P11", "S1", "--date", "2021-05-12").out
    assert "before" not in filled("sample", "set", "P11", "S1", "--tissue", "BM").out


def test_revoking_says_what_was_revoked(filled: Run) -> None:
    filled("marker", "alias", "P1", "TET2", "clone A", "--reason", "shorter")
    filled("marker", "track", "P1", "TP53", "--not", "--reason", "germline")
    assert "Override 1 (alias" in filled("marker", "revoke", "P1", "1", "--reason", "by mistake").out
    listed = filled("marker", "list", "P1").out
    assert "override 1: untrack" in listed
    assert listed.count("revoked") == 1


@pytest.mark.parametrize("form", ["cbioportal", "fhir", "phenopacket"])
def test_an_export_into_a_file_is_refused(filled: Run, tmp_path: Path, form: str) -> None:
    result = filled("export", "P1", "--to", form, "-o", tmp_path / "v.csv" / "study")
    assert (result.status, result.out) == (1, "")
    assert result.err == f"Error: the folder {tmp_path / 'v.csv' / 'study'} cannot be made (Not a directory).\n"


def test_a_backup_needs_a_folder(filled: Run, tmp_path: Path) -> None:
    result = filled("db", "backup", tmp_path / "v.csv" / "copy.db")
    assert result.status == 1
    assert result.err.endswith("v.csv does not exist. Create it, or give another OUTPUT.\n")


def test_doctor_refuses_a_gene_set_that_is_none(run: Run, tmp_path: Path) -> None:
    result = run("doctor", tmp_path, "--genes", "meyloid")
    assert result.status == 1
    assert "'meyloid' is not a gene set" in result.err


def test_the_template_of_a_manifest_is_a_manifest(run: Run, write: Write) -> None:
    template = run("formats", "--template", "manifest").out.splitlines()
    header = template[-1].split(",")
    row = ["v.csv" if name == "path" else "" for name in header]
    write("v.csv", *VARIANTS)
    result = run("ingest", "--manifest", write("manifest.csv", *template, ",".join(row)))
    assert (result.status, result.out) == (0, "1 file: 1 landed.\n")


@pytest.mark.parametrize("command", ["formats", "--help", "rules show eln2022", "db dump"])
def test_a_reader_that_stops_early_is_no_failure(filled: Run, tmp_path: Path, command: str) -> None:
    """``moltrack formats | head -1`` under ``set -o pipefail``: status 1 would say that the input is wrong."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "moltrack", "--db", tmp_path / "test.db", *command.split()],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("option", [("--date", "2021-05-13"), ("--order", "2"), ("--tissue", "PB")])
def test_a_description_of_no_sample_is_not_dropped(run: Run, write: Write, option: tuple[str, str]) -> None:
    result = run("ingest", write("v.csv", *VARIANTS), *option)
    assert (result.status, result.err) == (
        1,
        "Error: v.csv: a time, tissue or phase is given, but not of which sample. "
        "Give patient and sample with it, or leave it out where the rows say it.\n",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("ingest", "v.csv"), id="ingest"),
        pytest.param(("sample", "set", "P1", "S3"), id="sample"),
        pytest.param(("event", "add", "P1", "note", "x"), id="event"),
    ],
)
def test_places_count_from_one(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--order", "0")
    assert result.status == 2
    assert "0 is not in the range x>=1." in result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_said_in_words(filled: Run, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "moltrack", "--db", tmp_path / "test.db", "table", "P1"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (
        1,
        b"Error: the output cannot be written (No space left on device).\n",
    )


def test_variants_that_a_study_cannot_hold_are_counted(filled: Run, tmp_path: Path) -> None:
    result = filled("export", "--all", "--to", "cbioportal", "-o", tmp_path / "study")
    assert result.status == 0
    assert result.err.startswith("Left out: 2 small variants without chromosome and position")


def test_a_failed_file_has_the_keys_of_the_others(run: Run, write: Write) -> None:
    write("v.csv", *VARIANTS)
    result = run("ingest", "--manifest", write("m.csv", "path", "gone.csv", "v.csv"), "--format", "json")
    failed, landed = (json.loads(line) for line in result.out.splitlines())
    assert (result.status, failed["status"], landed["status"]) == (3, "failed", "landed")
    assert failed.keys() == landed.keys()


def test_a_timeline_says_whose_it_is(filled: Run, tmp_path: Path) -> None:
    import moltrack

    with moltrack.open(tmp_path / "test.db") as store:
        assert repr(store.timeline("P1")) == "<Timeline of P1: 2 samples, 2 observations>"


ESCAPE = "\x1b[31m"


def test_no_control_character_of_a_file_reaches_the_terminal(run: Run, write: Write) -> None:
    header = "patient,sample,name,kind,quantity,value,unit,note"
    path = write("m.csv", "#moltrack: measurements", header, f"P1,S1,MFC-MRD,flow,cell_fraction,1,%,no{ESCAPE}te")
    assert run("ingest", path).status == 0
    shown = run("table", "P1", "--explain").out
    assert "no\ufffd[31mte" in shown
    assert ESCAPE not in shown
    bad = write("bad.csv", "#moltrack: measurements", header, f"P1,S1,MFC-MRD,flow,cell_{ESCAPE}fraction,1,%,")
    message = run("ingest", bad).err
    assert "cell_\ufffd[31mfraction" in message
    assert ESCAPE not in message


def test_a_binary_file_holds_no_karyotypes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "karyotypes.xlsx"
    path.write_bytes(b"PK\x03\x04\0\0")
    assert run("iscn", "--file", path).err == f"Error: {path} is a binary file. Give text, a karyotype a line.\n"


def test_karyotypes_of_a_pipe_are_read(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "moltrack", "iscn", "--file", "/dev/stdin", "--format", "jsonl"],
        input=b"A\t46,XX[20]\n",
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, json.loads(done.stdout)["id"]) == (0, "A")


@pytest.mark.parametrize(
    ("command", "status", "words"),
    [
        ("demo -o FILE/x", 1, "cannot be made (Not a directory)"),
        ("report P01 --with-patients", 2, "--with-patients goes with --cohort."),
        ("trial survival --landmark -5", 2, "-5 is not in the range x>=0."),
    ],
)
def test_an_odd_option_is_said_in_one_sentence(run: Run, tmp_path: Path, command: str, status: int, words: str) -> None:
    file = tmp_path / "file"
    file.touch()
    result = run(*command.replace("FILE", str(file)).split())
    assert result.status == status
    assert words in result.err.strip().splitlines()[-1]


def test_what_a_reader_leaves_out_is_said(run: Run, write: Write) -> None:
    header = "##fileformat=VCFv4.2\n##contig=<ID=chr13,length=114364328>\n"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT1\n"
    row = "chr13\t28018505\t.\tC\tA,*\t.\tPASS\t.\tGT:AD\t1/2:50,40,10\n"
    path = write("x.vcf", (header + columns + row).rstrip())
    landed = run("ingest", path, "--patient", "P01", "--sample", "S1")
    assert landed.err == "  alleles that are not read here: 1 * (spanning deletion)\n"
    [said] = [
        json.loads(line)
        for line in run("ingest", path, "--patient", "P01", "--sample", "S1", "--format", "json").out.splitlines()
    ]
    assert said["notes"] == ["alleles that are not read here: 1 * (spanning deletion)"]
