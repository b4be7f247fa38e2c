"""A simulated student at a device: signs in through the forms, answers, hesitates, raises a hand, loses the network.

`Pupil.act` does what is due and says when it wants to be called again; nothing here sleeps or knows of threads. What
to answer comes from the `Desk`, which reads the item behind a serving from the database; over HTTP a pupil sees what
a child sees.
"""

import re
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.demo.browser import Browser, Form, NoAnswerError, Page
from app.demo.students import Reply

PICTURES = ("sun", "moon", "star")
BEAT_S = 10.0
AWAY_S = 20.0
LOOK_AROUND_S = 2.0
SIGN_IN_AGAIN = frozenset({400, 401, 403, 404})
FIRST_HINT_S = 10.5
NEXT_HINT_S = (1.0, 7.0)
START_S = (0.5, 2.5)
READING_S = (2.0, 6.0)
EXAMPLE_S = (6.0, 14.0)
DAYDREAM_S = (130.0, 280.0)
HAND_S = (45.0, 150.0)
OFFLINE_S = (25.0, 70.0)
OFFLINE = 0.006
"""Chance, per item, that the Wi-Fi goes away for a while."""


class Desk(Protocol):
    """What a pupil knows that a browser does not."""

    def reply(self, serving_id: int, rng: np.random.Generator) -> Reply | None:
        """What this student answers; None when the serving is not theirs any more."""

    def taken(self, sign_in: str) -> bool:
        """Whether a person has signed in as this student; `sign_in` is the server's mark of the pupil's own."""


@dataclass(slots=True)
class _Plan:
    """What is still to be done about a question: hints, then the answer's fields."""

    serving: int
    hints: int
    reply: Reply


class Pupil:
    """One student.

    Parameters
    ----------
    browser : Browser
    desk : Desk
    code, name : str
        The class code, and the first name on the sign-in page.
    rng : Generator
    pace : float
        How much faster than life everything goes.
    hands : deque of float, optional
        Hands that the class owes the teacher, each so many seconds after a question came: whoever meets a question
        first takes the next one. So the board has a hand at once, wherever the groups are.
    heard : callable(str)
        Told what happened: "answer", "hand", "hint", "retry", "sign-in"; for counting.
    """

    def __init__(
        self,
        browser: Browser,
        desk: Desk,
        code: str,
        name: str,
        rng: np.random.Generator,
        *,
        pace: float = 1.0,
        hands: deque[float] | None = None,
        heard: Callable[[str], None] = lambda _what: None,
    ) -> None:
        self._browser = browser
        self._desk = desk
        self._code = code
        self._name = name
        self._rng = rng
        self._pace = pace
        self._hands = deque() if hands is None else hands
        self._heard = heard
        self._page: Page | None = None
        self._token = ""
        self._made_way = False
        self._plan: _Plan | None = None
        self._pending: tuple[str, dict[str, str]] | None = None
        self._move_at = 0.0
        self._beat_at = 0.0
        self._offline_until = 0.0
        self._dreams_until = 0.0
        self._hand_down_at: float | None = None
        self._hand_up_at: float | None = None

    def act(self, now: float) -> float:
        """Do what is due; returns the moment (seconds, same clock) of the next thing to do."""
        if now < self._offline_until:
            return self._offline_until
        try:
            return self._go_on(now)
        except NoAnswerError as trouble:
            self._heard("retry")
            return now + trouble.after_s + self._between((0.0, 1.0))

    def close(self) -> None:
        """Shut the device."""
        self._browser.close()

    def _go_on(self, now: float) -> float:
        if self._page is None:
            self._sign_in(now)
        elif self._desk.taken(self._page.viewer):
            self._made_way = True
            return now + AWAY_S
        elif self._made_way:
            self._leave(now)
        elif self._pending is not None:
            self._send(*self._pending, now)
        elif now >= self._move_at:
            self._move(now)
        elif self._hand_is_due(now):
            self._hand(now)
        if now >= self._beat_at:
            self._beat(now)
        due = (self._move_at, self._beat_at, self._hand_up_at, self._hand_down_at)
        return min(at for at in due if at is not None)

    def _leave(self, now: float) -> None:
        """Sign in anew a little later."""
        self._page, self._pending, self._plan, self._made_way = None, None, None, False
        self._move_at = now + self._between(READING_S)

    # -- Signing in -------------------------------------------------------------------------------------------

    def _sign_in(self, now: float) -> None:
        page = self._submit(self._browser.get("/sign-in"), "/sign-in", code=self._code)
        form = _form(page, f"/sign-in/{self._code}")
        person = next((value for _name, value, words in form.buttons if words.endswith(self._name)), None)
        if person is None:
            raise NoAnswerError(f"{self._code} has no such student")
        page = self._submit(page, form.action, person=person)
        form = _form(page, f"/{person}")
        picks = [*form.fields.items(), *(("picked", one) for one in PICTURES[:-1]), ("pick", PICTURES[-1])]
        self._heard("sign-in")
        self._show(self._browser.post(form.action, picks), now)
        self._beat_at = now + self._between((0.0, BEAT_S))

    def _submit(self, page: Page, ending: str, **fields: str) -> Page:
        form = _form(page, ending)
        return self._browser.post(form.action, {**form.fields, **fields})

    # -- The card on the screen -------------------------------------------------------------------------------

    def _show(self, page: Page, now: float) -> None:
        """Look at what came: a step, or a page that says the sign-in is over."""
        if page.status in SIGN_IN_AGAIN or not page.attributes("step"):
            self._leave(now)
            return
        self._page, self._pending = page, None
        tokens = (form.fields["csrf_token"] for form in page.forms if "csrf_token" in form.fields)
        self._token = next(tokens, self._token)
        self._decide(now)

    @property
    def _kind(self) -> str:
        return "" if self._page is None else self._page.attributes("step").get("data-kind", "")

    @property
    def _choices(self) -> Form | None:
        """What to go on with when done early: the first that is offered."""
        return self._page.form("/practice/next") if self._kind == "done" and self._page is not None else None

    def _decide(self, now: float) -> None:
        """Make up one's mind about the card."""
        if self._kind in ("question", "not_yet"):
            self._consider(now)
        elif self._kind == "start":
            self._move_at = now + self._soon(START_S)
        elif self._kind in ("right", "solution") or self._choices is not None:
            self._move_at = now + self._soon(READING_S)
        elif self._kind == "example":
            self._move_at = now + self._soon(EXAMPLE_S)
        else:
            self._move_at = now + BEAT_S * LOOK_AROUND_S

    def _consider(self, now: float) -> None:
        serving = _serving(self._page)
        fresh = self._plan is None or self._plan.serving != serving or self._kind == "not_yet"
        if fresh:
            reply = self._desk.reply(serving, self._rng)
            if reply is None:
                self._plan, self._move_at = None, now + BEAT_S
                return
            self._plan = _Plan(serving, reply.hints, reply)
            self._wander(reply, now)
        plan = self._plan
        if plan is None:
            return
        if plan.hints:
            wait = FIRST_HINT_S if fresh else self._between(NEXT_HINT_S)
        else:
            wait = plan.reply.seconds / self._pace
        self._move_at = max(now + wait, self._dreams_until)

    def _wander(self, reply: Reply, now: float) -> None:
        """Now and then a hand goes up, a mind drifts off, or the network goes away."""
        if self._hand_up_at is None and self._hand_down_at is None:
            try:
                self._hand_up_at = now + self._hands.popleft()
            except IndexError:
                self._hand_up_at = now + self._soon(READING_S) if reply.asks else None
        if reply.drifts:
            self._dreams_until = now + self._between(DAYDREAM_S)
        if self._rng.random() < OFFLINE:
            self._offline_until = now + self._between(OFFLINE_S)

    # -- Doing ------------------------------------------------------------------------------------------------

    def _move(self, now: float) -> None:
        if self._kind in ("question", "not_yet"):
            self._work(now)
        elif self._kind == "start":
            self._send("/practice/start", {"csrf_token": self._token}, now)
        elif self._kind in ("right", "solution", "example"):
            self._send("/practice/next", {"csrf_token": self._token}, now)
        elif self._choices is not None:
            self._send("/practice/next", dict(self._choices.fields), now)
        else:
            self._look(now)

    def _work(self, now: float) -> None:
        plan, page = self._plan, self._page
        if plan is None or page is None:
            self._look(now)
            return
        if plan.hints:
            plan.hints -= 1
            self._heard("hint")
            self._send(f"/servings/{plan.serving}/hint", {"csrf_token": self._token}, now)
            return
        # The device names each answer, so that sending it twice counts once.
        fields = {**_form(page, "/answer").fields, **plan.reply.fields, "client_id": str(uuid.uuid4())}
        self._plan = None
        self._heard("answer")
        self._send(f"/servings/{plan.serving}/answer", fields, now)

    def _send(self, path: str, fields: dict[str, str], now: float) -> None:
        """Send a form; when the server is out of reach, the same form is sent again later."""
        self._pending = (path, fields)
        self._show(self._browser.post(path, fields, htmx=True), now)

    def _look(self, now: float) -> None:
        self._show(self._browser.get("/practice"), now)

    # -- Hand and heartbeat -----------------------------------------------------------------------------------

    def _hand_is_due(self, now: float) -> bool:
        return any(at is not None and now >= at for at in (self._hand_up_at, self._hand_down_at))

    def _hand(self, now: float) -> None:
        """Raise the hand, or lower it after a while; the question stays as it is."""
        up = self._hand_up_at is not None
        self._hand_up_at = None
        self._hand_down_at = now + self._between(HAND_S) if up else None
        self._heard("hand")
        self._browser.post("/practice/hand", {"csrf_token": self._token, "up": "1" if up else "0"}, htmx=True)

    def _beat(self, now: float) -> None:
        if self._page is None:
            self._beat_at = now + BEAT_S
            return
        step = self._page.attributes("step")
        awake = now >= self._dreams_until and self._kind in ("question", "not_yet", "right", "solution", "example")
        fields = {"csrf_token": self._token, "stretch": step.get("data-stretch", ""), "input": "1" if awake else "0"}
        self._beat_at = now + BEAT_S
        said = self._browser.post("/practice/heartbeat", fields)
        if said.status in SIGN_IN_AGAIN:
            self._leave(now)
        elif re.search(r'"changed":\s*true', said.text):
            self._look(now)

    # -- Chance -----------------------------------------------------------------------------------------------

    def _between(self, bounds: tuple[float, float]) -> float:
        return float(self._rng.uniform(*bounds))

    def _soon(self, bounds: tuple[float, float]) -> float:
        return self._between(bounds) / self._pace


def _form(page: Page, ending: str) -> Form:
    found = page.form(ending)
    if found is None:
        raise NoAnswerError(f"{page.path} has no form for {ending}")
    return found


def _serving(page: Page | None) -> int:
    form = None if page is None else page.form("/answer")
    found = re.search(r"/servings/(\d+)/answer$", form.action if form is not None else "")
    if found is None:
        raise NoAnswerError("the question has no form")
    return int(found.group(1))
