"""Files of any laboratory technique as records exactly as printed.

``registry`` finds and runs the formats; ``files`` and ``tables`` are the two ways to get at a file's content. One folder
per family: ``variants/``, ``fusions/``, ``itd/``, ``copynumber/``, ``cytogenetics/``, ``pcr/``, ``clinical/``.
"""

from moltrack.formats.registry import Format, Reading, ReadOptions, all_formats, detect, read

__all__ = ["Format", "ReadOptions", "Reading", "all_formats", "detect", "read"]
