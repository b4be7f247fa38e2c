"""OATutor content folders (CAHLR/OATutor-Content): read into a bank, with an account of everything in them.

`read` never raises: problems, steps, hints and files that cannot be used are entries with a reason.
"""

from content.formats.oatutor.reader import read
from content.formats.oatutor.report import report_json, report_text, totals_text
from content.formats.oatutor.results import Entry, Import

__all__ = ["Entry", "Import", "read", "report_json", "report_text", "totals_text"]
