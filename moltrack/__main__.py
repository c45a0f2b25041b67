"""``python -m moltrack``."""

from moltrack.cli.main import main

if __name__ == "__main__":
    main()
