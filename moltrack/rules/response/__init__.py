"""Response to treatment from marrow, blood and counts: the criteria, and their use on a patient's samples."""

from moltrack.rules.response.criteria import ResponseInputs, response_status
from moltrack.rules.response.patient import response_verdicts

__all__ = ["ResponseInputs", "response_status", "response_verdicts"]
