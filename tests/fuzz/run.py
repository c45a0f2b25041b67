"""Fuzz for as long as you like: ``make fuzz MINUTES=10``.

Half of the minutes of each family go to mutations of its seeds (cells, lines, digits, encodings), half to atheris, which follows
the coverage of the code, where it is installed. A case that ends in anything but a MoltrackError is written to ``--found`` with
its traceback; fix the cause and keep the case in ``test_found.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import time
import traceback
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="pyranges")
warnings.filterwarnings("ignore", message=".*pkg_resources")


def place_of(error: BaseException) -> str:
    """The kind of failure and where in moltrack it rose, to tell new from known ones."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/moltrack/" in frame.filename]
    last = frames[-1] if frames else None
    return f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}" if last else type(error).__name__


def keep(folder: Path, family: str, data: bytes, error: BaseException, told: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{family}-{hashlib.sha256(data).hexdigest()[:12]}"
    (folder / name).write_bytes(data)
    (folder / f"{name}.txt").write_text(f"{told}\n" + "".join(traceback.format_exception(error)))


def mutations(family: str, seconds: float, folder: Path, start: int) -> tuple[int, dict[str, int]]:
    """Cases run, and failures by place."""
    from targets import families, mutate

    pairs = families()[family].pairs
    known: dict[str, int] = {}
    end = time.monotonic() + seconds
    number = start
    while time.monotonic() < end:
        number += 1
        rng = random.Random(number)
        target, seed = rng.choice(pairs)
        data = mutate(seed, rng)
        try:
            target(data)
        except Exception as error:
            place = place_of(error)
            known[place] = known.get(place, 0) + 1
            if known[place] == 1:
                keep(folder, family, data, error, f"{target} case {number}")
    return number - start, known


def follow_coverage(family: str, seconds: int, folder: Path) -> None:
    """Run atheris in this process; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["moltrack"]):
        from targets import families

    pairs = families()[family].pairs
    corpus = folder / "corpus" / family
    corpus.mkdir(parents=True, exist_ok=True)
    for number, (_, seed) in enumerate(pairs):
        (corpus / f"seed{number}").write_bytes(bytes([number % 256]) + seed)

    def one(data: bytes) -> None:
        # The first byte chooses the reader, the rest is its file.
        if data:
            try:
                pairs[data[0] % len(pairs)][0](data[1:])
            except Exception as error:
                keep(folder, family, data[1:], error, str(pairs[data[0] % len(pairs)][0]))
                raise

    options = [
        f"-max_total_time={seconds}",
        "-max_len=4096",
        "-print_final_stats=1",
        f"-artifact_prefix={folder}/atheris-",
    ]
    atheris.Setup([sys.argv[0], str(corpus), *options], one)
    atheris.Fuzz()


def main() -> int:
    """Fuzz every family, or one; status 1 when anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for each family")
    parser.add_argument("--family", default="", help="only this one")
    parser.add_argument("--found", type=Path, default=Path(".fuzz"), help="folder for cases and corpora")
    parser.add_argument("--start", type=int, default=0, help="number of the first case, to go on from an earlier run")
    parser.add_argument("--coverage", action="store_true", help="only atheris, in this process")
    chosen = parser.parse_args()
    seconds = chosen.minutes * 60
    if chosen.coverage:
        follow_coverage(chosen.family, int(seconds), chosen.found)
        return 0
    from targets import families

    try:
        import atheris  # noqa: F401

        has_atheris = True
    except ImportError:
        has_atheris = False
        print("atheris is not installed: mutations only")
    failed = False
    for family in [chosen.family] if chosen.family else list(families()):
        share = seconds / 2 if has_atheris else seconds
        count, known = mutations(family, share, chosen.found, chosen.start)
        print(f"{family}: {count} mutated cases, {len(known)} kinds of failure", *known, sep="\n  ", flush=True)
        failed = failed or bool(known)
        if has_atheris:
            again = [
                sys.executable,
                __file__,
                "--coverage",
                "--family",
                family,
                "--minutes",
                str(share / 60),
                "--found",
                chosen.found,
            ]
            done = subprocess.run([str(word) for word in again], capture_output=True, text=True, check=False)
            counted = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line]
            print(f"{family}: atheris", *counted, "found a failure" if done.returncode else "found nothing", flush=True)
            failed = failed or done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
