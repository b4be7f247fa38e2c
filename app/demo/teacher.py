"""The teacher of a simulated class: starts a lesson whenever none runs, so that the board never stands still."""

from collections.abc import Callable

from app.demo.browser import Browser

LOOK_S = 10.0


class Teacher:
    """One teacher at one class's board.

    Parameters
    ----------
    browser : Browser
    class_id : int
    heard : callable(str)
        Told "lesson" when one was started.
    """

    def __init__(self, browser: Browser, class_id: int, heard: Callable[[str], None] = lambda _what: None) -> None:
        self._browser = browser
        self._class_id = class_id
        self._heard = heard

    def act(self, now: float) -> float:
        """Look at the board; returns when to look again."""
        return now + LOOK_S

    def close(self) -> None:
        """Go home."""
        self._browser.close()
