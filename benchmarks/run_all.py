"""Run every benchmark of this folder, one after another, and print what each prints. Takes a long time.

python benchmarks/run_all.py [NAME ...]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent

#: Scripts that are no measurement, or measure a folder that the user names.
NOT_ALONE = {"run_all", "make_vcf", "vcf_levels", "vcf_read"}


def main() -> int:
    """Run them; the status is that of the worst."""
    wanted = sys.argv[1:] or sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NOT_ALONE)
    worst = 0
    for name in wanted:
        print(f"== {name}", flush=True)
        worst = max(worst, subprocess.run([sys.executable, HERE / f"{name}.py"], check=False).returncode)
    if not sys.argv[1:]:
        print("== vcf_read", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            big = Path(folder) / "big.vcf.gz"
            subprocess.run([sys.executable, HERE / "make_vcf.py", big, "--index"], check=True)
            worst = max(worst, subprocess.run([sys.executable, HERE / "vcf_read.py", big], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
