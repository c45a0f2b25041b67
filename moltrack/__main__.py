"""``python -m moltrack``."""

from moltrack.cli.main import run

if __name__ == "__main__":
    run()
