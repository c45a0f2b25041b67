"""How many karyotypes ``moltrack.iscn`` reads in a second, on one core.

Karyotypes are made at random (fixed seed) so that whole strings do not repeat: one to three clones of none to eight abnormalities
each, of all common kinds, with and without counts and ``idem``.

Run: ``python benchmarks/iscn_speed.py [NUMBER]`` (default 100,000)
"""

from __future__ import annotations

import random
import sys
import time

from moltrack import iscn

LAST = [
    "36",
    "37",
    "29",
    "35",
    "35",
    "27",
    "36",
    "24",
    "34",
    "26",
    "25",
    "24",
    "34",
    "32",
    "26",
    "24",
    "25",
    "23",
    "13",
    "13",
    "22",
    "13",
]


def band(rng: random.Random, chrom: int) -> str:
    arm = rng.choice("pq")
    return f"p1{rng.randint(1, 2)}" if arm == "p" else f"q{rng.randint(11, int(LAST[chrom - 1]))}"


def event(rng: random.Random) -> str:
    a, b = rng.sample(range(1, 23), 2)
    kind = rng.choice(["+", "-", "t", "del", "add", "der", "inv", "i", "mar", "dic", "dup"])
    match kind:
        case "+" | "-":
            return f"{kind}{a}"
        case "t":
            return f"t({min(a, b)};{max(a, b)})({band(rng, min(a, b))};{band(rng, max(a, b))})"
        case "der":
            return f"der({a})t({min(a, b)};{max(a, b)})({band(rng, min(a, b))};{band(rng, max(a, b))})"
        case "dic":
            return f"dic({a};{b})({band(rng, a)};{band(rng, b)})"
        case "inv":
            return f"inv({a})(p11q{rng.randint(11, int(LAST[a - 1]))})"
        case "i":
            return f"i({a})(q10)"
        case "mar":
            return rng.choice(["+mar", "+2mar", "+1~3mar", "+r", "dmin"])
        case "dup":
            return f"dup({a})(q11q{LAST[a - 1]})"
        case _:
            return f"{kind}({a})({band(rng, a)})"


def karyotype(rng: random.Random) -> str:
    sex = rng.choice(["XX", "XY"])
    first = [event(rng) for _ in range(rng.randint(0, 8))]
    clones = [",".join([str(rng.randint(44, 48)), sex, *first]) + rng.choice(["", f"[{rng.randint(1, 20)}]"])]
    for _ in range(rng.randint(0, 2)):
        own = [event(rng) for _ in range(rng.randint(1, 3))]
        clones.append(",".join([str(rng.randint(44, 48)), "idem", *own]) + f"[{rng.randint(1, 20)}]")
    return "/".join(clones)


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = random.Random(1)
    strings = [karyotype(rng) for _ in range(number)]
    begin = time.process_time()
    for text in strings:
        iscn.parse(text)
    seconds = time.process_time() - begin
    print(f"{number:,} karyotypes in {seconds:.1f} s of processor time: {number / seconds:,.0f} karyotypes per second")


if __name__ == "__main__":
    main()
