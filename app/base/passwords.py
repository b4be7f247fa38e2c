"""Hashing of passwords and picture secrets with argon2id.

The library's default takes 270 ms on a school's small server; a class of thirty that signs in together would wait.
These parameters (OWASP's second recommendation: 19 MiB, two passes) take about 30 ms, and only as many run at once as
there are processors to spare.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.base.turns import turns

AT_ONCE = 2

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_places = threading.BoundedSemaphore(AT_ONCE)
# Verified when there is no such person, so that both answers take the same time.
_nobody = _hasher.hash("nobody")


def hash_secret(secret: str) -> str:
    """Hash a password or a picture secret with a fresh salt."""
    with turns.given(), _places:
        return _hasher.hash(secret)


def verify(stored: str | None, secret: str) -> bool:
    """Check a secret against its hash; takes as long when there is no hash."""
    with turns.given(), _places:
        try:
            return _hasher.verify(stored or _nobody, secret) and stored is not None
        except (VerificationError, InvalidHashError):
            return False
