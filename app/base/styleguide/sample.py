"""What a sample of the style page is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLASS_ID = 1
NOON_MS = 1_735_732_800_000
"""A fixed moment, so that pictures of the pages can be compared."""
A_SUM = "<p>What is <math><mfrac><mn>1</mn><mn>3</mn></mfrac><mo>+</mo><mfrac><mn>1</mn><mn>4</mn></mfrac></math> ?</p>"


@dataclass(frozen=True, slots=True)
class Sample:
    """One page or fragment in one state.

    Parameters
    ----------
    title : str
        What it shows, for the list of pages.
    template : str
    context : Mapping
        Everything the template reads beyond the application's own globals.
    """

    title: str
    template: str
    context: Mapping[str, Any]
