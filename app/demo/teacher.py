"""The teacher of a simulated class: starts a lesson whenever none runs, so that the board never stands still."""

from collections.abc import Callable

from app.demo.browser import Browser, NoAnswerError, Page

LOOK_S = 5.0
# Short slots and a second practice station: something happens all the time, and soon.
CHOICES = {"slot_minutes": "5", "transition_seconds": "30", "third": "practice"}


class Teacher:
    """One teacher and one class.

    Parameters
    ----------
    browser : Browser
    class_id : int
    email, password : str
        What the teacher signs in with.
    running : callable
        Whether a lesson runs in the class now.
    heard : callable(str)
        Told "lesson" when one was started.
    """

    def __init__(
        self,
        browser: Browser,
        class_id: int,
        email: str,
        password: str,
        running: Callable[[], bool],
        heard: Callable[[str], None] = lambda _what: None,
    ) -> None:
        self._browser = browser
        self._class_id = class_id
        self._who = {"email": email, "password": password}
        self._running = running
        self._heard = heard

    def act(self, now: float) -> float:
        """Start a lesson if none runs; returns when to look again."""
        try:
            if not self._running():
                self._start()
        except NoAnswerError as trouble:
            return now + trouble.after_s
        return now + LOOK_S

    def close(self) -> None:
        """Go home."""
        self._browser.close()

    def _start(self) -> None:
        page = self._set_up_page()
        form = page.form("/block/start")
        if form is None:
            raise NoAnswerError("the set-up page has no form", LOOK_S)
        self._browser.post(form.action, {**form.fields, **CHOICES})
        self._heard("lesson")

    def _set_up_page(self) -> Page:
        address = f"/classes/{self._class_id}/block"
        page = self._browser.get(address)
        if page.viewer:
            return page
        form = self._browser.get("/sign-in/adult").form("/sign-in/adult")
        if form is not None:
            self._browser.post(form.action, {**form.fields, **self._who})
        return self._browser.get(address)
