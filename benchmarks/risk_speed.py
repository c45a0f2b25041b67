"""Risk of 100,000 synthetic patients: patients per second on one core.

Every finding of a guideline is YES, NO or UNKNOWN at random (fixed seed), the hardest case for the engine: hardly two patients are alike.
Run with ``python benchmarks/risk_speed.py [patients]``.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter

from moltrack.model import Truth
from moltrack.rules import Inputs, Number, classify_rows, column_meanings, evaluate_many, load_ruleset, risk_rulesets

SEED = 20220922
WANTED = 5_000  # patients per second

FINDINGS = [
    name for name in column_meanings() if name not in {"patient", "age", "karyotype", "FLT3_ITD_AR", "TP53_VAF"}
]


def patients(count: int) -> list[Inputs]:
    """Random patients; an allelic ratio and a VAF are known in half of those who may need them."""
    rng = random.Random(SEED)
    answers = (Truth.YES, Truth.NO, Truth.UNKNOWN)
    made = []
    for _ in range(count):
        found = {name: rng.choice(answers) for name in FINDINGS}
        found |= {"t_15_17": Truth.NO, "hma_pretreated": Truth.NO}
        numbers = {}
        for lesion, number, highest in (("FLT3_ITD", "FLT3_ITD_AR", 1.5), ("TP53", "TP53_VAF", 0.9)):
            if found[lesion] is Truth.YES and rng.random() < 0.5:
                level = rng.uniform(0.01, highest)
                numbers[number] = Number(level, level, f"{level:.3g}")
        made.append(Inputs(found, numbers))
    return made


def as_rows(inputs: list[Inputs]) -> list[dict[str, str]]:
    """The same patients as cells of a table."""
    cells = {Truth.YES: "1", Truth.NO: "0", Truth.UNKNOWN: ""}
    return [
        {"patient": f"P{index}"}
        | {name: cells[answer] for name, answer in item.answers.items()}
        | {name: item.numbers[name].text if name in item.numbers else "" for name in ("FLT3_ITD_AR", "TP53_VAF")}
        for index, item in enumerate(inputs)
    ]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    inputs = patients(count)
    rows = as_rows(inputs)
    slow = 0
    for name in risk_rulesets():
        ruleset = load_ruleset(name)
        for kind in ("evaluate_many", "classify_rows"):
            start = time.perf_counter()
            if kind == "evaluate_many":
                texts = [v if isinstance(v, str) else v.text for v in evaluate_many(ruleset, inputs)]
            else:
                texts = [row.get("category", "refused") for row in classify_rows(ruleset, rows)]
            speed = count / (time.perf_counter() - start)
            slow += kind == "evaluate_many" and speed < WANTED
            common = ", ".join(f"{text} {number}" for text, number in Counter(texts).most_common(4))
            print(f"{name:<10} {kind:<14} {speed:>9,.0f} patients/s   {common}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
