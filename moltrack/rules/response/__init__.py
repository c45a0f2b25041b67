"""Response to treatment from marrow, blood and counts: the criteria, and their use on a patient's samples."""

from moltrack.rules.response.course import WINDOW_DAYS
from moltrack.rules.response.criteria import ResponseInputs, response_status
from moltrack.rules.response.patient import recorded_responses, response_verdicts

__all__ = ["WINDOW_DAYS", "ResponseInputs", "recorded_responses", "response_status", "response_verdicts"]
