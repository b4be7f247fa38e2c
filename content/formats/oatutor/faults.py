"""The one exception of this reader: something in the folder cannot be used, and why."""


class UnusableError(Exception):
    """Part of the folder cannot become part of a bank; the message is the reason the report gives.

    Reasons read ``short phrase: detail``; the report counts by the phrase.
    """
