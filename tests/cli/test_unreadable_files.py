"""A file that cannot be read is wrong input, not wrong usage: exit status 1, and one sentence that names the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from outcome import Outcome

Run = Callable[..., Outcome]

#: Every option and argument that takes a file to be read; FILE stands for it.
COMMANDS = (
    "ingest FILE --patient P01 --sample S1",
    "ingest --manifest FILE",
    "ingest GOOD --patient P01 --sample S1 --covers FILE",
    "ingest GOOD --patient P01 --sample S1 --genes FILE",
    "ingest GOOD --patient P01 --sample S1 --fasta FILE",
    "iscn --file FILE",
    "risk --table FILE",
    "risk P01 --rules FILE",
    "response P01 --rules FILE",
    "mrd P01 --rules FILE",
    "flags P01 --rules FILE",
    "rules check FILE",
    "rules show FILE",
    "rules diff FILE eln2022",
    "rules diff eln2022 FILE",
    "assay add FILE",
    "export P01 --to csv -o OUT --pseudonymize FILE",
    "trial visits --schedule FILE",
    "trial long --schedule FILE",
    "verify FILE",
)


#: What is wrong with the file -> how it comes about.
WRONGS: dict[str, Callable[[Path], None]] = {
    "missing": lambda path: None,
    "folder": Path.mkdir,
    "broken link": lambda path: path.symlink_to("gone.yaml"),
}
#: The words that say so; an option that also takes a name of ours says that it is neither.
WORDS = ("does not exist", "is a folder", "cannot be read", "neither ")


VCF = """##fileformat=VCFv4.2
##contig=<ID=chr13,length=114364328>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT1
chr13\t28018505\t.\tC\tA\t.\tPASS\t.\tGT:AD\t0/1:90,10
"""


@pytest.fixture
def good(run: Run, tmp_path: Path) -> Path:
    """A file that can be read, in a database with another of its patient."""
    first, later = tmp_path / "first.vcf", tmp_path / "later.vcf"
    first.write_text(VCF)
    later.write_text(VCF.replace("90,10", "99,1"))
    assert run("ingest", first, "--patient", "P01", "--sample", "S0", "--phase", "diagnosis").status == 0
    return later


@pytest.mark.parametrize("wrong", WRONGS)
@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_file(run: Run, tmp_path: Path, good: Path, command: str, wrong: str) -> None:
    bad = tmp_path / "input.yaml"
    WRONGS[wrong](bad)
    filled = {"FILE": str(bad), "GOOD": str(good), "OUT": str(tmp_path / "out.csv")}
    result = run(*(filled.get(word, word) for word in command.split()))
    assert (result.status, result.out, result.err.count("\n")) == (1, "", 1), result
    assert result.err.startswith("Error: ")
    assert "input.yaml" in result.err
    assert any(words in result.err for words in WORDS), result.err


@pytest.mark.parametrize(
    "command",
    [
        "ingest FILE --patient P01 --sample S1",
        "ingest --manifest FILE",
        "ingest GOOD --patient P01 --sample S1 --fasta FILE",
        "risk --table FILE",
        "assay add FILE",
    ],
)
def test_a_pipe_is_refused_and_not_waited_for(run: Run, tmp_path: Path, good: Path, command: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    filled = {"FILE": str(pipe), "GOOD": str(good)}
    result = run(*(filled.get(word, word) for word in command.split()))
    assert (result.status, result.out) == (1, "")
    assert result.err == "Error: pipe: is a pipe or a device, not a file. Write its content to a file first.\n"
