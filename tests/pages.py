"""What a page says, without what is drawn anew each time: a short name turns up in a token by chance."""

import re

CHANGING = re.compile(r'(name="csrf(-|_)token" (value|content)=)"[^"]*"|nonce-[\w-]+|data-now-ms="\d+"')


def lasting(page: str) -> str:
    """Give the part of a page that is the same each time it is asked for."""
    return CHANGING.sub("", page)
