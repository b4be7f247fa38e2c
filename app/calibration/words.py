"""What a calibration found, line by line for people, and as plain values for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.calibration.comparison import Comparison, Pair
from app.calibration.queries import StoredSet
from app.calibration.service import Change, Proposal


def told(proposal: Proposal) -> Iterator[str]:
    """Lines of a report: how the fit went, and one line an item."""
    yield f"{proposal.answers} first answers of {proposal.students} students."
    if proposal.prior is None:
        yield "Each skill was fitted by itself, so nothing is known of what skills share."
    else:
        shared = 100 * proposal.prior.general_variance
        yield f"{shared:.0f}% of how abilities differ is shared by all skills, the rest is each skill's own."
    where = "above" if proposal.level >= 0 else "below"
    yield f"The students' mean lies {abs(proposal.level):.2f} logits {where} that of the bank's scale."
    settled = "settled" if proposal.converged else "did NOT settle"
    yield f"The fit {settled} after {proposal.cycles} cycles."
    yield f"{len(proposal.accepted)} of {len(proposal.changes)} items would change.\n"
    yield from table(proposal.changes)


def table(changes: Sequence[Change]) -> list[str]:
    """One line an item: answers, difficulty before and where it comes from, after, discrimination, verdict."""
    width = max(4, *(len(change.item.key) for change in changes))
    head = f"{'item':<{width}}  answers  b before  from         b after    error         a    error  verdict"
    return [head, *(_line(change, width) for change in changes)]


def _line(change: Change, width: int) -> str:
    before, fitted = change.item.parameters, change.fitted
    start = f"{change.item.key:<{width}}  {change.answers:>7}  {before.b:>8.2f}  {change.item.origin:<10}"
    if fitted is None:
        return f"{start}  {'':>8}  {'':>7}  {'':>8}  {'':>7}  {change.refused}"
    numbers = f"{fitted.b:>8.2f}  {fitted.b_sd:>7.2f}  {fitted.a:>8.2f}  {change.slope_error:>7.2f}"
    return f"{start}  {numbers}  {change.refused or 'would be used'}"


def sets_told(sets: Sequence[StoredSet]) -> Iterator[str]:
    """One line a parameter set."""
    yield f"{'set':<19}  {'made (UTC)':<16}  {'by':<12}  items  differ"
    for one in sets:
        made = f"{one.set_id:<19}  {one.made_at:%Y-%m-%d %H:%M}  {one.source:<12}"
        yield f"{made}  {one.items:>5}  {one.differing:>6}{'  served now' if one.served else ''}"


def comparison_told(found: Comparison) -> Iterator[str]:
    """Lines of a cross-check: the verdict, and one line an item, those furthest apart first."""
    yield f"{found.answers} first answers of {found.students} students, fitted twice."
    yield found.check.words()
    largest = max(found.moved.values(), key=abs)
    yield (
        "pyirt fits each skill by itself, with its own students' mean at 0; "
        f"to compare, its skills were moved by up to {abs(largest):.2f} logits.\n"
    )
    width = max(4, *(len(pair.key) for pair in found.pairs))
    yield f"{'item':<{width}}  answers    b own  b pyirt     diff    a own  a pyirt     diff"
    yield from (_pair_line(pair, width) for pair in found.pairs)


def _pair_line(pair: Pair, width: int) -> str:
    numbers = (pair.own.b, pair.other_b, pair.other_b - pair.own.b, pair.own.a, pair.other_a, pair.other_a - pair.own.a)
    return (
        f"{pair.key:<{width}}  {pair.answers:>7} "
        + " ".join(f"{number:>8.2f}" for number in numbers)
        + ("  apart" if pair.apart else "")
    )


def comparison_as_plain(found: Comparison) -> dict[str, Any]:
    """Plain values of a cross-check; what cannot be reckoned is None."""
    check = found.check
    return {
        "engines": ["own", "pyirt"],
        "agree": check.agree,
        "words": check.words(),
        "students": found.students,
        "answers": found.answers,
        "items": check.items,
        "correlation_a": _number(check.correlation_a),
        "correlation_b": _number(check.correlation_b),
        "rmse_a": check.rmse_a,
        "rmse_b": check.rmse_b,
        "moved": dict(found.moved),
        "only_one": list(check.only_one),
        "by_item": [
            {
                "item": pair.key,
                "answers": pair.answers,
                "own": {"a": pair.own.a, "b": pair.own.b, "c": pair.own.c, "b_error": pair.own.b_sd},
                "pyirt": {"a": pair.other_a, "b": pair.other_b},
                "apart": pair.apart,
            }
            for pair in found.pairs
        ],
    }


def _number(value: float) -> float | None:
    return value if value == value else None
