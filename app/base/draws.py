"""Random numbers that come out alike whenever they are asked for: a sitting, a plan, a demo can be made again.

Nothing secret may hang on them; codes and keys come from `secrets`.
"""

import random


def repeatable(*names: object) -> random.Random:
    """Random numbers that belong to these names, the same in every process and for ever.

    Examples
    --------
    >>> repeatable(7, "otters").random() == repeatable("7:otters").random()
    True
    """
    return random.Random(":".join(map(str, names)))  # noqa: S311  # to be made again, so never a secret
