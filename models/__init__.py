"""Psychometrics of the classroom: what an answer says, which item comes next, who is ready."""
