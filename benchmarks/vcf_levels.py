"""The level of each caller against the fraction that it prints itself, over a folder of VCFs.

    python benchmarks/vcf_levels.py FOLDER

One line per caller and formula: alleles, alleles that also have a fraction of the caller's own, the largest difference, and how
many differ by more than 0.02 and 20 %.
"""

from __future__ import annotations

import sys
from pathlib import Path

from moltrack.errors import MoltrackError
from moltrack.formats import ReadOptions
from moltrack.formats.variants.vcf import read_vcf
from moltrack.model import Call, FileInfo
from moltrack.quantity import canonical_level


def main() -> None:
    rows: dict[tuple[str, str], list[tuple[float, float | None, bool]]] = {}
    for path in sorted(Path(sys.argv[1]).rglob("*.vcf*")):
        try:
            info, *records = read_vcf(path, ReadOptions(genes="all"))
        except MoltrackError as error:
            print(f"not read: {error}", file=sys.stderr)
            continue
        assert isinstance(info, FileInfo)
        for call in records:
            if isinstance(call, Call) and call.levels:
                own = canonical_level(call.caller_level) if call.caller_level else None
                formula = "base/(base+base), tier 1" if "U+" in call.formula else call.formula
                seen = (canonical_level(call.levels[0]) or 0.0, own, "caller_level_differs" in call.notes)
                rows.setdefault((info.tool or "-", formula), []).append(seen)
    print(f"{'caller':<16} {'level':<46} {'n':>5} {'own':>5} {'max diff':>9} {'flagged':>8}")
    for (tool, formula), seen in sorted(rows.items()):
        differences = [abs(level - own) for level, own, _ in seen if own is not None]
        largest = f"{max(differences):.4f}" if differences else "-"
        print(
            f"{tool:<16} {formula:<46} {len(seen):>5} {len(differences):>5} {largest:>9} {sum(flag for *_, flag in seen):>8}"
        )


if __name__ == "__main__":
    main()
