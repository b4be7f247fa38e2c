"""From a step to what its page shows: words for students, safe HTML, nothing that tells the answer.

Only the presentation of the answer reaches the page before it is given: no key, no tag, no parameter.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from app.bank.catalogue import Catalogue, realised
from app.base import clock
from app.base.policy import Policy
from app.practice.queries import Serving
from app.practice.service.sitting import hint_opens_at
from app.practice.service.steps import Recap, Step
from app.practice.tools import NO_TOOLS, Tools, tools_for, with_help, with_item
from app.rostering.supports import NONE
from content import answers as marking
from content.answers import Presentation, Slot
from content.render import to_html, to_inline_html
from content.schema import Item, Ordering
from content.speech import spoken

DOTS = 6
ASKING = ("question", "not_yet")

MESSAGES: Mapping[str, str] = {
    "hint-soon": "Try it first. The hint opens soon.",
    "unreadable": "Type a number, like 3 or 1/2.",
    "paused": "Your teacher stopped the clock.",
}
WAITING: Mapping[str, str] = {
    "offline": "Work on your paper task now.",
    "move": "Walk to your next station.",
    "over": "The lesson is over. Well done today!",
    "wait": "Your teacher has not started yet.",
}


EXTRA_WORDS: Mapping[str, str] = {"review": "Mixed review", "stretch": "Something harder"}
# By whether the exit item was right, and how sure the student was of it.
SURE_WORDS: Mapping[tuple[bool, int], str] = {
    (True, 3): "You were very sure. And it was right!",
    (True, 2): "You were quite sure. And it was right!",
    (True, 1): "You were not sure. Yet it was right!",
    (False, 3): "You were very sure. Look at it again.",
    (False, 2): "You were quite sure. Look at it again.",
    (False, 1): "You knew it was hard. That helps.",
}


@dataclass(frozen=True, slots=True)
class RecapView:
    """What was done at this station: lines about skills, skills that were got, and remarks."""

    skills: Sequence[tuple[str, str]]
    got: Sequence[str]
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class StepView:
    """What `practice/_step.html` reads."""

    kind: str
    stretch: str
    now_ms: int
    serving_id: int | None = None
    item_id: int | None = None
    client_id: str = ""
    skill_title: str = ""
    stem_html: str = ""
    worked_html: str = ""
    presentation: Presentation | None = None
    answer_html: str = ""
    labels: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    hints_html: Sequence[str] = ()
    hint_count: int = 0
    hint_opens_at_ms: int = 0
    hand_up: bool = False
    message: str = ""
    nudge_html: str = ""
    solution_html: str = ""
    dots: Sequence[str] = ()
    ends_at_ms: int | None = None
    ends_at_text: str = ""
    choices: Sequence[tuple[str, str]] = ()
    asks_sure: bool = False
    spare: str = ""
    recap: RecapView | None = None
    tools: Tools = NO_TOOLS


def view(step: Step, zone: ZoneInfo, policy: Policy, now: datetime, *, tools_open: bool = False) -> StepView:
    """Build the view of a step for a school in this time zone; `tools_open` shows the panel with the supports."""
    card = _plain(step, zone, policy, now)
    return card if step.supports is NONE else _supported(card, step, tools_open)


def _supported(card: StepView, step: Step, tools_open: bool) -> StepView:
    """Add a student's supports to a card."""
    supports, catalogue, serving = step.supports, step.catalogue, step.serving
    tools = replace(tools_for(supports, catalogue), open=tools_open)
    if catalogue is None:
        return replace(card, tools=tools)
    if serving is not None and card.presentation is not None and step.kind in ASKING:
        item = realised(catalogue.version(serving.version_id), serving.seed)
        options = [(chr(ord("A") + int(value)), html) for value, html, tried in card.presentation.options if not tried]
        options += [(gap.label, ", ".join(text for _value, text in gap.options)) for gap in card.presentation.gaps]
        tools = with_item(tools, supports, item, card.stem_html, options)
    texts = {name: getattr(card, f"{name}_html") for name in ("stem", "worked", "nudge", "solution")}
    texts |= {f"hint{number}": html for number, html in enumerate(card.hints_html)}
    tools = replace(tools, said={name: tools.say(html) for name, html in texts.items()})
    tools, marked = with_help(tools, supports, catalogue, texts)
    hints = [marked[f"hint{number}"] for number in range(len(card.hints_html))]
    return replace(
        card,
        tools=tools,
        stem_html=marked["stem"],
        worked_html=marked["worked"],
        nudge_html=marked["nudge"],
        solution_html=marked["solution"],
        hints_html=hints,
    )


def _plain(step: Step, zone: ZoneInfo, policy: Policy, now: datetime) -> StepView:
    if step.serving is not None and step.catalogue is not None:
        return _card(step, zone, now, _item(step, step.catalogue, step.serving, policy))
    card = _card(step, zone, now)
    if step.kind == "example" and step.catalogue is not None and step.skill_id is not None:
        skill = step.catalogue.skills[step.skill_id]
        return replace(card, skill_title=skill.title, worked_html=to_html(skill.example))
    message = WAITING.get(step.segment.kind, "") if step.kind == "wait" else ""
    if step.kind != "done":
        return replace(card, message=message)
    extras = step.recap.extras if step.recap is not None else ()
    choices = [(extra, EXTRA_WORDS[extra]) for extra in extras]
    return replace(card, message=_summary(step), choices=choices, recap=_recap(step.recap, zone))


def _summary(step: Step) -> str:
    answered = sum(answered for _title, _right, answered in step.recap.skills) if step.recap is not None else 0
    if not answered:
        return "You finished all your questions."
    return f"You did {answered} {'question' if answered == 1 else 'questions'} here."


def _recap(recap: Recap | None, zone: ZoneInfo) -> RecapView | None:
    if recap is None or not recap.skills:
        return None
    right, sure = recap.exit or (False, None)
    remarks = [SURE_WORDS[right, sure]] if sure is not None else []
    days = len({at.astimezone(zone).date() for at in recap.practised})
    if days > 1:
        remarks.append(f"You practised on {days} days in four weeks.")
    skills = [(title, f"{right} of {answered} right at once.") for title, right, answered in recap.skills]
    return RecapView(skills, recap.got, remarks)


def _card(step: Step, zone: ZoneInfo, now: datetime, more: Mapping[str, Any] = MappingProxyType({})) -> StepView:
    """What every card shows, and what this one shows besides."""
    ends_at = step.segment.ends_at
    return StepView(
        kind=step.kind,
        stretch=step.segment.name,
        now_ms=clock.to_ms(now),
        hand_up=step.hand_up,
        dots=_dots(step),
        ends_at_ms=None if ends_at is None else clock.to_ms(ends_at),
        ends_at_text=time_of_day(ends_at, zone),
        **more,
    )


@lru_cache(maxsize=256)
def time_of_day(moment: datetime | None, zone: ZoneInfo) -> str:
    """Clock time in the school's time zone, such as 8:40; empty for None."""
    return "" if moment is None else f"{moment.astimezone(zone):%-H:%M}"


def _dots(step: Step) -> tuple[str, ...]:
    """Six dots that fill and begin again: progress without a score."""
    if step.sitting is None:
        return ()
    done = step.sitting.answered % DOTS
    return (*("done",) * done, "now", *("todo",) * (DOTS - done - 1))


def _item(step: Step, catalogue: Catalogue, serving: Serving, policy: Policy) -> Mapping[str, Any]:
    """What a card about an item shows besides."""
    item = realised(catalogue.version(serving.version_id), serving.seed)
    over = step.kind in ("right", "solution")
    return {
        "serving_id": serving.id,
        "item_id": serving.item_id,
        "client_id": "" if over else str(uuid.uuid4()),
        "skill_title": catalogue.skills[serving.skill_id].title,
        "stem_html": to_html(item.stem),
        "presentation": _presentation(item, serving, catalogue.language),
        "labels": _labels(item, serving, catalogue.language),
        "answer_html": _answer(item) if step.kind == "right" else "",
        "given": step.given,
        "hints_html": [] if over else [to_html(hint) for hint in item.hints[: serving.hints]],
        "hint_count": 0 if over or serving.purpose == "exit" else len(item.hints),
        "asks_sure": serving.purpose == "exit" and not over,
        "hint_opens_at_ms": 0 if over else clock.to_ms(hint_opens_at(serving, policy)),
        "message": _message(step),
        "nudge_html": _nudge(step, catalogue) if step.kind == "not_yet" else "",
        "solution_html": to_html(item.solution) if step.kind == "solution" and item.solution else "",
    }


def _answer(item: Item) -> str:
    """The right answer in words, where it has several parts; else the card shows what was typed."""
    if marking.parts(item.answer) == 1:
        return ""
    return to_inline_html(marking.in_words(item))


def _labels(item: Item, serving: Serving, language: str) -> Sequence[str]:
    """What a screen reader calls the things that are put in order."""
    if not isinstance(item.answer, Ordering):
        return ()
    shown = marking.fields(item, seed=serving.seed).options
    return [spoken(to_inline_html(text), language) for _value, text, _tried in shown]


def _presentation(item: Item, serving: Serving, language: str) -> Presentation:
    raw = marking.fields(item, seed=serving.seed, tried=serving.tried, most=serving.options)
    shown = tuple((value, to_inline_html(text), tried) for value, text, tried in raw.options)
    gaps = tuple(_slot(gap, place, raw.kind, language) for place, gap in enumerate(raw.gaps, start=1))
    rows = tuple(tuple((to_inline_html(text), name) for text, name in row) for row in raw.rows)
    return replace(raw, options=shown, gaps=gaps, after=to_inline_html(raw.after), rows=rows)


def _slot(gap: Slot, number: int, kind: str, language: str) -> Slot:
    """A gap with safe HTML; one inside a text is called by its number, because the text around it is read anyway."""
    before = to_inline_html(gap.before)
    label = f"Gap {number}" if kind == "cloze" else spoken(before, language)
    return Slot(gap.name, before, gap.options, label)


def _message(step: Step) -> str:
    """What the answer lacks, where marking says it itself; else the words for the step's note."""
    return step.nudge if step.note in ("reform", "unreadable") and step.nudge else MESSAGES.get(step.note, "")


def _nudge(step: Step, catalogue: Catalogue) -> str:
    """The author's nudge for this very answer, else the misconception's."""
    if step.nudge:
        return to_html(step.nudge)
    known = catalogue.misconceptions.get(step.misconception or "")
    return to_html(known.nudge) if known is not None else ""
