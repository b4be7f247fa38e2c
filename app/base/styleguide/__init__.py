"""The living style page: every component and every template in every state, with made-up people.

The factory offers these pages in development only; tests take their pictures. They show what templates make of the
contexts written at their tops, so a template that changes its context changes its sample here.
"""

from flask import render_template

from app.base.assets import ANIMALS, ICONS, OBJECTS
from app.base.errors import NotFoundError
from app.base.styleguide.sample import Sample
from app.base.styleguide.students import sign_in, station
from app.base.styleguide.teachers import board


def pages() -> dict[str, str]:
    """Titles of the sample pages by name, in the order a reader should see them."""
    return {name: sample.title for name, sample in samples().items()}


def page(name: str) -> str:
    """Render one sample.

    Raises
    ------
    NotFoundError
        There is no sample of that name.
    """
    sample = samples().get(name)
    if sample is None:
        raise NotFoundError("The style page has no sample of this name.")
    return render_template(sample.template, **sample.context)


def index() -> str:
    """Render the components and the list of sample pages."""
    return render_template("styleguide/index.html", pages=pages(), animals=ANIMALS, objects=OBJECTS, icons=ICONS)


def samples() -> dict[str, Sample]:
    """Every sample by name."""
    return {**sign_in(), **station(), **board(), **_errors()}


def _errors() -> dict[str, Sample]:
    return {
        f"error-{status}": Sample(f"Error {status}", "errors/error.html", {"status": status, "message": ""})
        for status in (400, 403, 404, 409, 429, 500, 503)
    }
