"""What is fuzzed: every reader, the ISCN parser, quantities, manifests and rule files.

A target takes any bytes. Only :class:`~moltrack.errors.MoltrackError` may come out of it; whatever a reader accepts must also
go through the checks before landing, the form in which it is stored, and the derivation of markers.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from moltrack import formats, intake, iscn
from moltrack.errors import MoltrackError
from moltrack.formats import ReadOptions
from moltrack.formats.registry import all_formats
from moltrack.manifest import read_manifest
from moltrack.model import PatientInput, SampleInfo
from moltrack.normalize import normalize
from moltrack.quantity import QUANTITIES, canonical_level, decimal_sign, format_level, parse_printed, rounding_interval
from moltrack.rules import load_ruleset
from moltrack.store.codec import encode
from moltrack.store.prepared import prepare

SEEDS = Path(__file__).parent / "seeds"
REFERENCES = Path(__file__).parents[2] / "references"
EXAMPLES = Path(__file__).parents[2] / "examples"

Target = Callable[[bytes], None]


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="moltrack-fuzz-"))


def file_of(data: bytes, suffix: str = "flt3.csv") -> Path:
    """The bytes as a file; rose-dt tells its gene by the file's name alone."""
    path = _folder() / f"case.{suffix}"
    path.write_bytes(data)
    return path


def read(name: str, build: str, data: bytes) -> None:
    """Read a file as this format ("" = tell it by content), prepare it for the store, and derive its patients."""
    options = ReadOptions(input_format=name, build=build, genes="all")
    path = file_of(data)
    target = intake.Target(patient="P1", sample="S1", options=options)
    try:
        landing = intake.prepare(path, target)
        ready = prepare(landing)
    except MoltrackError as error:
        assert str(error).strip(), "an error without a message"
        return
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for record in (*landing.refused, *(call for run in landing.runs for call in run.calls)):
        assert 0 <= record.line <= lines, f"line {record.line} of {lines}"
    assert all(row.reason for row in landing.refused)
    json.loads(encode(landing.source))
    assert ready.runs is not None
    for patient in landing.patients:
        mine = [item for item in landing.runs if item.run.patient == patient.patient]
        samples = {info.sample: info for info in landing.samples if info.patient == patient.patient}
        for item in mine:
            samples.setdefault(item.run.sample, SampleInfo(patient.patient, item.run.sample))
        events = tuple(event for event in landing.events if event.patient == patient.patient)
        inputs = PatientInput(patient, tuple(samples.values()), events, landing.assays, tuple(mine))
        for derived in (*normalize(inputs).markers, *normalize(inputs).observations):
            encode(derived)


def read_iscn(data: bytes) -> None:
    """Parse, convert and explain a karyotype; an array or FISH string."""
    text = data.decode("utf-8", errors="replace")
    for parse in (iscn.parse, iscn.parse_array, iscn.parse_ish):
        try:
            found = parse(text)
        except MoltrackError as error:
            assert str(error).strip()
            continue
        if isinstance(found, iscn.ParsedKaryotype):
            iscn.explain(found)
            iscn.karyotype_of(found)
            list(iscn.events_of(found))
            json.dumps(iscn.as_data(found))


def read_quantity(data: bytes) -> None:
    """Read a printed number as every quantity."""
    text = data.decode("utf-8", errors="replace")
    with suppress(MoltrackError):
        decimal_sign(text.split(";"))
    for name in QUANTITIES:
        for decimal in (".", ",", None):
            try:
                printed = parse_printed(text, name, decimal=decimal)
                level = canonical_level(printed)
            except MoltrackError as error:
                assert str(error).strip()
                continue
            if level is not None:
                format_level(level, name)
            rounding_interval(printed)


def read_manifest_bytes(data: bytes) -> None:
    """Read a manifest."""
    try:
        read_manifest(file_of(data))
    except MoltrackError as error:
        assert str(error).strip()


def read_rules(data: bytes) -> None:
    """Read a rule file."""
    try:
        load_ruleset(file_of(data, "yaml"))
    except MoltrackError as error:
        assert str(error).strip()


# --- seeds and mutations ----------------------------------------------------------------------------------------------

KARYOTYPES = (
    "46,XX[20]",
    "46,XY,t(8;21)(q22;q22.1)[15]/45,sl,-Y[3]/46,XY[2]",
    "45,XX,-7,del(5)(q13q33),der(17)t(5;17)(q11;p11)[12]/46,XX[8]",
    "43~47,XY,inv(3)(q21q26.2),add(12)(p13),+8,+mar[cp6]/46,XY[14]",
    "arr[GRCh38] 17p13.3p11.2(1_21500000)x1,(X)x2,5q31.1q33.3(132500001_158000000)x1[0.6]",
    "nuc ish(RUNX1T1,RUNX1)x3(RUNX1T1 con RUNX1x1)[144/200]",
    "47,XY,+8,dup(1)(q21q32),ider(9)t(9;22)(q34;q11.2)x2,idem,i(17)(q10)//46,XX[5]",
)
QUANTITY_TEXTS = ("59.4%", "2.5 × 10^-4", "<0.01 %", "1:1000", "144/200", "1,234", "59,4", "183,945 copies/µg", "n.d.")
MANIFEST = "path,patient,sample,date,day,from,order,tissue,phase,lod,covers,fasta\na.vcf,P1,S1,2021-05-12,,,,BM,after_cycle(2),vaf=2%,NPM1;FLT3,\nb.vcf,P1,S2,,14,infusion,,PB,,,,ref.fa\n"


@dataclass(frozen=True)
class Fuzzed:
    """A family of targets with texts to begin from: (target, seed) pairs."""

    name: str
    pairs: tuple[tuple[Target, bytes], ...]


def seed(name: str) -> bytes | None:
    """The seed of a format: its template with examples, or a small file."""
    path = SEEDS / f"{name}.txt"
    return path.read_bytes() if path.exists() else (all_formats()[name].template.encode() or None)


def build_of(name: str, data: bytes) -> str:
    """The build that must be given to read a seed; "" = none, as it states its own or needs none."""
    for build in ("", "GRCh38", "GRCh37"):
        with suppress(MoltrackError):
            formats.read(file_of(data), ReadOptions(input_format=name, build=build, genes="all"))
            return build
    return ""


@cache
def families() -> dict[str, Fuzzed]:
    """Families of formats (each with the seeds of its members; one without a seed gets a relative's), and the rest."""
    pairs: dict[str, list[tuple[Target, bytes]]] = {}
    for name, form in all_formats().items():
        if form.refuses:
            continue
        own = seed(name)
        relatives = [
            found for other, item in all_formats().items() if item.family == form.family and (found := seed(other))
        ]
        for text in [own] if own else relatives[:3]:
            build = build_of(name, text)
            pairs.setdefault(form.family, []).append((partial(read, name, build), text))
        if own:
            pairs[form.family].append((partial(read, "", build), own))
    texts: list[tuple[str, Target, list[bytes]]] = [
        ("iscn", read_iscn, [text.encode() for text in KARYOTYPES]),
        ("quantities", read_quantity, [text.encode() for text in QUANTITY_TEXTS]),
        ("manifests", read_manifest_bytes, [MANIFEST.encode(), (EXAMPLES / "manifest.csv").read_bytes()]),
        ("rules", read_rules, [path.read_bytes() for path in sorted((REFERENCES / "rules").glob("*.yaml"))]),
    ]
    pairs |= {name: [(target, text) for text in found] for name, target, found in texts}
    return {name: Fuzzed(name, tuple(found)) for name, found in sorted(pairs.items())}


#: Cells and words that have broken readers of tables.
NASTY = (
    b"", b".", b"NA", b"-1", b"0", b"1e999", b"-1e-999", b"nan", b"inf", b"9" * 40, b"9" * 5000, b"1,234", b"1.5", b'"', b'"x', b"\\",
    b"=1+1", b"<1%", b"1/0", b"0/0", b"1:0", b"\xc2\xb5", b"\xff\xfe", b"\x00", b"\xe2\x80\xae", b"chrX", b"chrUn_x", b"HLA-A*01:01",
    b"2021-02-30", b"0000-00-00", b"12/05/21", b"TP53", b"RUNX1::RUNX1T1", b"::", b"%", b"<DEL>", b"N[chr1:5[", b"*", b"A" * 300,
    b"null", b"[]", b"{}", b"true", b"- a", b"&x", b"*x", b"!!python/object:os.system", b"[[[[", b"(((", b"x" + b"1" * 20, b"\xd9\xa3", b"\xc2\xb2",
)  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Some changes of the kind that editors, spreadsheets, copying and malice make."""
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        data = rng.choice(_MUTATIONS)(data, rng)
    return data


def _replace_cell(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    index = rng.randrange(len(lines))
    delimiter = rng.choice([sign for sign in (b"\t", b",", b";", b"|", b":", b" ") if sign in lines[index]] or [b"\t"])
    cells = lines[index].split(delimiter)
    cells[rng.randrange(len(cells))] = rng.choice(NASTY)
    lines[index] = delimiter.join(cells)
    return b"\n".join(lines)


def _shuffle_cells(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    index = rng.randrange(len(lines))
    delimiter = b"\t" if b"\t" in lines[index] else b","
    cells = lines[index].split(delimiter)
    rng.shuffle(cells)
    lines[index] = delimiter.join(cells)
    return b"\n".join(lines)


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    index = rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        del lines[index]
    elif what == 1:
        lines.insert(index, lines[rng.randrange(len(lines))])
    elif what == 2:
        rng.shuffle(lines)
    else:
        lines[index] = rng.choice(NASTY)
    return b"\n".join(lines)


def _cut(data: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(data) + 1)
    return data[:begin] if rng.random() < 0.5 else data[:begin] + data[begin + rng.randrange(1, 20) :]


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 5))):
        changed[rng.randrange(len(changed))] = rng.choice(
            (rng.randrange(256), rng.choice(b'0123456789,;\t".:-+()[]/<>%='))
        )
    return bytes(changed)


def _splice(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(NASTY) + data[place:]


def _digits(data: bytes, rng: random.Random) -> bytes:
    places = [index for index, byte in enumerate(data) if byte in b"0123456789"]
    if not places:
        return data
    place = rng.choice(places)
    return (
        data[:place] + rng.choice((b"", b"-", b"0", b"99999999", b"e", b".", b",")) + data[place + rng.randrange(2) :]
    )


def _encoding(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", errors="replace")
    return rng.choice(
        (
            text.encode("utf-16"),
            text.encode("utf-8-sig"),
            text.encode("cp1252", errors="replace"),
            data.replace(b"\n", b"\r\n"),
            data.replace(b"\n", b"\r"),
            data.replace(b"\t", b","),
            data.replace(b",", b";"),
        )
    )


_MUTATIONS = (
    _replace_cell,
    _replace_cell,
    _replace_cell,
    _shuffle_cells,
    _lines,
    _cut,
    _flip,
    _splice,
    _digits,
    _digits,
    _encoding,
)
