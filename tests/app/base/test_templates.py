"""What holds for every page: forms carry their token, nothing runs inline, children's words are short."""

import html
import re

import pytest

from app.base import styleguide
from tests.app.base.style_site import make_site

PAGES = [*styleguide.pages(), ""]
CHILDRENS = [name for name in PAGES if name.startswith(("station-", "sign-in")) and "adult" not in name]
MOST_WORDS = 8


@pytest.fixture(scope="module")
def client():
    return make_site().test_client()


def _page(client, name: str) -> str:
    response = client.get(f"/styleguide/{name}".rstrip("/"))
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_or_is_styled_inline(client, name):
    page = _page(client, name)
    assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", page)
    assert "<style" not in page
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_another_host(client, name):
    links = re.findall(r"""(?:href|src|action|hx-\w+|sse-connect)=["']([^"']*)""", _page(client, name))
    assert [link for link in links if "//" in link] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_posts_carries_the_token(client, name):
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", _page(client, name), re.S)
    assert [form[:90] for form in forms if form.count('name="csrf_token"') != 1] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_one_title_one_heading_of_the_first_rank_and_unique_ids(client, name):
    page = _page(client, name)
    assert len(re.findall(r"<title>[^<]+</title>", page.split("</head>")[0])) == 1
    # What lies in a template is no part of the page yet.
    page = re.sub(r"<template\b.*?</template>", "", page, flags=re.DOTALL)
    assert len(re.findall(r"<h1", page)) == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", CHILDRENS)
def test_words_for_students_are_short_and_kind(client, name):
    for sentence in _sentences(_page(client, name)):
        assert len(sentence.split()) <= MOST_WORDS, sentence
        assert not re.search(r"\b(wrong|fail\w*|incorrect|error)\b", sentence, re.I), sentence


def _sentences(page: str) -> list[str]:
    """Sentences of the page's own words; the question itself has its author's."""
    body = page.split("<body", 1)[1]
    # Numbers along an axis and the words of a list are no sentences.
    aside = (
        r'<div class="(stem|worked)".*?</div>|<math.*?</math>|<title>.*?</title>|<text.*?</text>|<select.*?</select>'
    )
    body = re.sub(aside, " ", body, flags=re.S)
    blocks = re.split(r"</?(?:p|h\d|li|button|label|legend|div|section|header|summary|time|a)\b[^>]*>", body)
    words = [html.unescape(re.sub(r"<[^>]*>", " ", block)) for block in blocks]
    return [
        part.strip() for text in words for part in re.split(r"(?<=[.?!])\s", " ".join(text.split())) if part.strip()
    ]


def test_the_projector_page_holds_no_name_score_or_state(client):
    page = _page(client, "projector")
    board = styleguide.samples()["board"].context["board"]
    names = [tile.name for station in board.stations for tile in station.tiles]
    assert [name for name in names if re.search(rf"\b{name}\b", page)] == []
    assert "data-state" not in page


def test_a_step_works_without_script(client):
    page = _page(client, "station-fraction")
    form = re.search(r"<form[^>]*data-answer.*?</form>", page, re.S)
    assert form is not None
    assert 'action="/servings/7/answer"' in form.group(0)
    assert 'formaction="/servings/7/hint"' in form.group(0)
    assert 'formaction="/practice/hand"' in form.group(0)
    assert re.search(r'name="client_id"\s+value="[0-9a-f-]{36}"', form.group(0))
