"""Author's text becomes HTML that a browser lays out, a screen reader speaks, and nothing can break out of."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.render import text_faults, to_html, to_inline_html
from tests.content import strategies

DANGEROUS = {"script", "style", "iframe", "object", "embed", "img", "a", "link", "form", "input", "svg", "base", "meta"}


class _Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def seen(html):
    parser = _Seen()
    parser.feed(html)
    return parser


def test_a_fraction_is_real_mathml():
    html = to_html(r"Is $\frac{1}{2}$ half?")

    assert html.startswith("<p>Is <math")
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>" in html
    assert html.endswith("</math> half?</p>")


def test_display_maths_is_marked_as_such():
    assert to_html("$$x$$") == '<math display="block"><mrow><mi>x</mi></mrow></math>'


def test_markdown_is_applied():
    html = to_html("*a* **b**\n\n1. one\n2. two\n\n| x | y |\n|---|---|\n| 1 | 2 |")

    assert {"p", "em", "strong", "ol", "li", "table", "th", "td"} <= seen(html).tags


def test_inline_text_has_no_paragraph():
    assert to_inline_html("two *halves*") == "two <em>halves</em>"
    assert "<mfrac>" in to_inline_html(r"$\frac{1}{2}$")
    assert "<p>" not in to_inline_html("a\n\nb")


def test_money_stays_money():
    assert to_html(r"From \$5 to \$6") == "<p>From $5 to $6</p>"
    assert "<math" not in to_html("From $5 to $6")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "<https://example.org>",
        '<img src=x onerror="alert(1)">',
        r"$\href{javascript:alert(1)}{x}$",
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\text{</mtext></math><script>alert(1)</script>}$",
        r"$\color{red;background:url(//x.example)} x$",
        "[x]: https://example.org\n\n[x]",
        r"$\style{color:red}{x}$",
        "$<script>$",
    ],
)
def test_nothing_runs_loads_or_links(text):
    for html in (to_html(text), to_inline_html(text)):
        assert not seen(html).tags & DANGEROUS
        assert not {name for name in seen(html).attributes if name in {"href", "src", "style"} or name.startswith("on")}


@given(st.text(max_size=100) | strategies.paragraphs | st.text(alphabet="$\\{}<>fracmathmi&;/=\"' \n|-", max_size=60))
def test_any_text_is_rendered_clean(text):
    for html in (to_html(text), to_inline_html(text)):
        assert not seen(html).tags & DANGEROUS
        assert not {name for name in seen(html).attributes if name in {"href", "src", "style"} or name.startswith("on")}
    assert all(fault.hint for fault in text_faults(text))


def test_a_formula_that_cannot_be_read_is_shown_as_code():
    assert to_html(r"$\frac{1}{$") == r"<p><code>\frac{1}{</code></p>"


def test_a_link_stays_text_so_that_nothing_of_it_is_lost():
    assert to_html("[here](https://example.org)") == "<p>[here](https://example.org)</p>"
    assert to_inline_html("![pie](pie.png)") == "![pie](pie.png)"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[here](https://example.org)", "no-links"),
        ("![pie](pie.png)", "no-links"),
        ("$5", "open-dollar"),
        ("$ x $", "open-dollar"),
        (r"$\frac{1}$", "bad-maths"),
        (r"$\frac{1}{2$", "bad-maths"),
        ("$}$", "bad-maths"),
        (r"$\unheard{2}$", "bad-maths"),
        ("$x_1_2$", "bad-maths"),
        (r"\frac{1}{2}", "bare-maths"),
        ("<b>x</b>", "raw-html"),
        ("| a |\n|---|\n| $x |", "open-dollar"),
        ("- a\n- $x", "open-dollar"),
        ("$" + "x" * 1001 + "$", "bad-maths"),
        ("$$\\sqrt$$", "bad-maths"),
    ],
)
def test_what_a_student_could_not_read_is_found(text, code):
    assert [fault.code for fault in text_faults(text)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        r"\$5",
        "`$x`",
        r"$\frac{1}{2}$",
        "a < b > c",
        "[1, 2](3)",
        r"\\frac",
        "```\n$x <b>\n```",
        r"$50\%$",
        r"$3\frac{1}{2} \times 2 \div 4 \le 5$",
        "&lt;b&gt;",
        "$a<b$",
        r"$\{1\}$",
    ],
)
def test_what_can_be_read_is_left_alone(text):
    assert text_faults(text) == ()
