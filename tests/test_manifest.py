"""A manifest: which files, whose they are, how they are read; nothing outside its folder unless allowed."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moltrack import manifest
from moltrack.errors import FormatError, InputError, MoltrackError
from moltrack.formats.files import Limits
from moltrack.intake import Target
from moltrack.manifest import Job, read_manifest
from moltrack.model import LimitKind, Phase, Time, Tissue

Write = Callable[..., Path]


def test_a_row_says_whose_file_it_is_and_how_to_read_it(write: Write, tmp_path: Path) -> None:
    path = write(
        "m.csv",
        "path,patient,sample,date,tissue,phase,label,assay,part,build,genes,covers,lod",
        "a.vcf,P1,S1,2021-05-12,BM,after_cycle(2),C2,panel,snv,GRCh38,all,NPM1;FLT3,vaf=2%",
    )
    [job] = read_manifest(path)
    target = job.target
    assert (job.path, job.line, job.replace) == (tmp_path / "a.vcf", 2, False)
    assert (target.patient, target.sample, target.time) == ("P1", "S1", Time.on("2021-05-12"))
    assert (target.tissue, target.phase, target.label) == (Tissue.BM, Phase.parse("after_cycle(2)"), "C2")
    assert (target.assay, target.part, target.covers) == ("panel", "snv", ("NPM1", "FLT3"))
    assert [(limit.kind, limit.value.value, limit.value.unit) for limit in target.limits] == [
        (LimitKind.LOD, Decimal(2), "%")
    ]
    assert (target.options.build, target.options.genes) == ("GRCh38", "all")


def test_a_sheet_of_nf_core_is_a_manifest_as_it_stands(write: Write, tmp_path: Path) -> None:
    path = write("variantcalled.csv", "patient,sample,variantcaller,vcf", "P1,S1,mutect2,variant_calling/S1.vcf.gz")
    [job] = read_manifest(path)
    assert job.path == tmp_path / "variant_calling/S1.vcf.gz"
    assert (job.target.patient, job.target.sample, job.target.assay) == ("P1", "S1", "mutect2")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
def test_any_delimiter_and_comment_lines(write: Write, delimiter: str) -> None:
    rows = [delimiter.join(cells) for cells in (["path", "patient_id", "sample"], ["a.vcf", "P1", "S1"])]
    [job] = read_manifest(write("m.txt", "# our manifest", *rows))
    assert (job.target.patient, job.line) == ("P1", 3)


def test_dates_as_a_spreadsheet_writes_them(write: Write) -> None:
    jobs = read_manifest(write("m.csv", "path;patient;sample;date", "a.vcf;P1;S1;12.05.2021", "b.vcf;P1;S2;25/12/2021"))
    assert [job.target.time for job in jobs] == [Time.on("2021-05-12"), Time.on("2021-12-25")]


def test_a_german_manifest(write: Write, tmp_path: Path) -> None:
    [job] = read_manifest(write("m.csv", ";;;;;", "Datei;Patient;Probe;Datum;Material;Phase", "a.vcf;P1;S1;12.05.2021;Knochenmark;Erstdiagnose"))  # fmt: skip
    target = job.target
    assert (job.path, target.sample, target.time) == (tmp_path / "a.vcf", "S1", Time.on("2021-05-12"))
    assert (target.tissue, target.phase) == (Tissue.BM, Phase.parse("diagnosis"))


def test_a_sheet_of_reads_is_no_manifest(write: Write) -> None:
    with pytest.raises(InputError, match=r"^m\.csv: is a sample sheet of sequencing reads"):
        read_manifest(write("m.csv", "patient,sample,fastq_1,fastq_2", "P1,S1,a.fq.gz,b.fq.gz"))


def test_a_workbook_is_a_manifest_too(tmp_path: Path) -> None:
    from datetime import date

    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["path", "patient", "sample", "date"])
    book.active.append(["a.vcf", "P1", 7, date(2021, 5, 12)])
    book.save(tmp_path / "m.xlsx")
    [job] = read_manifest(tmp_path / "m.xlsx")
    assert (job.target.sample, job.target.time, job.line) == ("7", Time.on("2021-05-12"), 2)


def test_an_unknown_column_is_named_with_those_there_are(write: Write) -> None:
    with pytest.raises(InputError, match=r"^m\.csv:1: has the unknown column 'tumour'\. Columns are path, patient,"):
        read_manifest(write("m.csv", "path,tumour", "a.vcf,x"))


def test_columns_of_pipelines_that_say_nothing_here_are_passed_over(write: Write) -> None:
    [job] = read_manifest(write("m.csv", "patient,sex,status,sample,vcf", "P1,XX,1,S1,a.vcf"))
    assert job.target.patient == "P1"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param("a.vcf,P1,S1,12/5/2021,,", "'12/5/2021', which may be 2021-05-12 or 2021-12-05", id="date"),
        pytest.param("a.vcf,P1,S1,,hair,", "column 'tissue' holds 'hair'", id="tissue"),
        pytest.param(r"results\a.vcf,P1,S1,,,", "Write the path with /", id="backslash"),
        pytest.param("a.vcf,P1,S1,,,vaf", "'vaf' is not a limit", id="limit"),
        pytest.param(",P1,S1,,,", "column 'path' is empty", id="no-path"),
        pytest.param(f"a.vcf,{'P' * 200},S1,,,", "longer than 120 characters", id="long-patient"),
    ],
)
def test_a_bad_row_names_its_line(write: Write, row: str, message: str) -> None:
    path = write("m.csv", "path,patient,sample,date,tissue,lod", "good.vcf,P1,S0,,,", row)
    with pytest.raises(MoltrackError, match=r"^m\.csv:3: ") as raised:
        read_manifest(path)
    assert message in str(raised.value)


def test_a_manifest_without_rows(write: Write) -> None:
    with pytest.raises(InputError, match=r"^m\.csv: names no file"):
        read_manifest(write("m.csv", "path,patient"))


def test_a_manifest_beyond_the_limit(write: Write) -> None:
    with pytest.raises(FormatError, match="holds more than 100 bytes"):
        read_manifest(write("m.csv", "path", *["a.vcf"] * 50), limits=Limits(text_bytes=100))


# --- nothing outside its folder ---------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.vcf").write_text("secret")
    (inside / "link.vcf").symlink_to(tmp_path / "secret.vcf")
    (inside / "linked").symlink_to(tmp_path, target_is_directory=True)
    return inside


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("../secret.vcf,,,", id="parent"),
        pytest.param("{above}/secret.vcf,,,", id="absolute"),
        pytest.param("link.vcf,,,", id="link"),
        pytest.param("linked/secret.vcf,,,", id="linked-folder"),
        pytest.param("linked/../../secret.vcf,,,", id="back-through-a-link"),
        pytest.param("a.vcf,../ref.fa,,", id="fasta"),
        pytest.param("a.vcf,,../genes.txt,", id="genes"),
        pytest.param("a.vcf,,,NPM1;../panel.bed", id="covers"),
    ],
)
def test_a_path_that_leaves_the_folder_is_refused_unless_allowed(folder: Path, row: str) -> None:
    path = folder / "m.csv"
    path.write_text("path,fasta,genes,covers\n" + row.format(above=folder.parent) + "\n")
    with pytest.raises(InputError, match=r"^m\.csv:2: '.*' lies outside the manifest's folder\. Allow it with"):
        read_manifest(path)
    assert len(read_manifest(path, allow_outside=True)) == 1


def test_links_in_a_circle_lead_nowhere(folder: Path) -> None:
    (folder / "a.vcf").symlink_to("b.vcf")
    (folder / "b.vcf").symlink_to("a.vcf")
    (folder / "m.csv").write_text("path\na.vcf\n")
    with pytest.raises(InputError, match=r"^m\.csv:2: 'a\.vcf' cannot be the name of a file"):
        read_manifest(folder / "m.csv")


def test_files_of_a_row_lie_beside_the_manifest(write: Write, tmp_path: Path) -> None:
    write("sub/panel.bed", "13\t28003273\t28100592")
    path = write("sub/m.csv", "path,fasta,genes,covers", "x/../a.vcf,ref.fa,lists/mine.txt,panel.bed NPM1")
    [job] = read_manifest(path)
    folder = tmp_path / "sub"
    assert job.path.resolve() == folder / "a.vcf"
    assert job.target.options.fasta == str(folder / "ref.fa")
    assert job.target.options.genes == str(folder / "lists/mine.txt")
    assert job.target.covers == (str(folder / "panel.bed"), "NPM1")


# --- work for many processes ------------------------------------------------------------------------------------------


def test_jobs_and_what_becomes_of_them_travel_between_processes(write: Write) -> None:
    write("events.csv", "patient,type,name,date", "P1,treatment,7+3,2021-05-20")
    jobs = read_manifest(write("m.csv", "path", "events.csv", "gone.csv"))
    good, bad = manifest.prepare_chunk(pickle.loads(pickle.dumps(jobs)))
    assert pickle.loads(pickle.dumps(good)) == good
    assert (bad.landing, bad.error) == (None, "gone.csv: does not exist.")


def test_every_record_of_a_file_travels_unchanged(write: Write) -> None:
    row = "P1,S1,2021-05-12,MFC-MRD,flow,cell_fraction,<0.01,%"
    write("flow.csv", "#moltrack: measurements", "patient,sample,date,name,kind,quantity,value,unit", row)
    [item] = manifest.prepare_chunk(read_manifest(write("m.csv", "path", "flow.csv")))
    assert item.landing is not None
    assert item.landing.runs[0].calls
    assert pickle.loads(pickle.dumps(item)) == item


@given(
    sizes=st.lists(st.sampled_from([100, manifest.CHUNK_BYTES // 3, 2 * manifest.CHUNK_BYTES]), max_size=300),
    workers=st.integers(1, 16),
)
def test_chunks_hold_every_job_once_and_no_chunk_is_large(sizes: list[int], workers: int) -> None:
    jobs = [Job(Path(str(size)), Target(), replace=False, line=0) for size in sizes]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest, "_size", lambda path: int(path.name))
        chunks = manifest.chunked(jobs, workers)
    assert [job for chunk in chunks for job in chunk] == jobs
    assert all(0 < len(chunk) <= manifest.CHUNK for chunk in chunks)
    assert all(len(chunk) == 1 or sum(int(job.path.name) for job in chunk) <= manifest.CHUNK_BYTES for chunk in chunks)
