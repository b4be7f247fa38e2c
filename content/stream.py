"""Numbers drawn from a seed that stay the same for ever.

The n-th draw of a stream is the first eight bytes of SHA-256 over ``name/seed/n`` (UTF-8, n from 0), read as a
big-endian number and scaled to the wanted range. Python's own generators keep only `random.random` stable
between versions; an item that a child saw last year must still be the same item.
"""

from hashlib import sha256


class Stream:
    """Draws that belong to a name and a seed.

    Parameters
    ----------
    name : str
        What is drawn for, such as the id of a generator, so that two generators do not move together.
    seed : int
    """

    def __init__(self, name: str, seed: int) -> None:
        self._prefix = f"{name}/{seed}/"
        self._drawn = 0

    def below(self, count: int) -> int:
        """Draw a whole number from 0 to `count` - 1, each equally likely to within ``count / 2**64``."""
        digest = sha256(f"{self._prefix}{self._drawn}".encode()).digest()
        self._drawn += 1
        return int.from_bytes(digest[:8], "big") * count >> 64

    def order(self, count: int) -> list[int]:
        """Draw an order of 0 to `count` - 1 (Fisher and Yates, from the last place down)."""
        places = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.below(last + 1)
            places[last], places[other] = places[other], places[last]
        return places
