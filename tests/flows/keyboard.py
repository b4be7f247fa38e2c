"""A child who uses the keyboard alone."""

from playwright.sync_api import Page, expect

MOST_TABS = 40


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the focus is on a button with this name."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.locator("button:focus")
        if focused.count() and label in (focused.inner_text().strip(), *focused.locator("title").all_text_contents()):
            return
    raise AssertionError(f"Tab never reaches {label}")


def overwrite(page: Page, text: str) -> None:
    """Type over whatever is in the box that has the focus."""
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def answer_by_keyboard(page: Page, fields: dict[str, str]) -> None:
    """Type an answer from where the focus is."""
    expect(page.locator("#step :is(input, select, button):focus")).to_have_count(1)
    if page.locator("input[type=checkbox][name^=pick]").count():
        _tick(page, fields)
    elif page.locator(".order-moving").count():
        _put_in_order(page, fields)
    elif page.locator("#step form[data-answer] select").count():
        _pick_words(page, fields)
    elif any(name.startswith(("cell", "x")) for name in fields):
        _fill_in(page, fields)
    elif "option" in fields:
        options = page.locator("input[name=option]")
        values = [options.nth(place).get_attribute("value") for place in range(options.count())]
        page.keyboard.press("Space")
        for _ in range(values.index(fields["option"])):
            page.keyboard.press("ArrowDown")
    elif "top" in fields:
        page.keyboard.press("Shift+Tab")
        for name in ("whole", "top", "bottom"):
            overwrite(page, fields[name])
            if name != "bottom":
                page.keyboard.press("Tab")
    else:
        [typed] = fields.values()
        overwrite(page, typed)
    if page.locator("#step :is(select, button):focus").count():
        tab_to(page, "Check")
    page.keyboard.press("Enter")


def _tick(page: Page, fields: dict[str, str]) -> None:
    boxes = page.locator("input[name^=pick]")
    for place in range(boxes.count()):
        box = boxes.nth(place)
        expect(box).to_be_focused()
        if box.is_checked() != (box.get_attribute("name") in fields):
            page.keyboard.press("Space")
        if place < boxes.count() - 1:
            page.keyboard.press("Tab")


def _pick_words(page: Page, fields: dict[str, str]) -> None:
    """Choose in one list after the other, as their arrow keys do."""
    lists = page.locator("#step form[data-answer] select")
    for place in range(lists.count()):
        chosen = lists.nth(place)
        expect(chosen).to_be_focused()
        options = chosen.locator("option")
        values = [options.nth(at).get_attribute("value") for at in range(options.count())]
        page.keyboard.press("Home")
        for _ in range(values.index(fields[str(chosen.get_attribute("name"))])):
            page.keyboard.press("ArrowDown")
        if place < lists.count() - 1:
            page.keyboard.press("Tab")


def _put_in_order(page: Page, fields: dict[str, str]) -> None:
    """Move each thing up until it stands where it belongs, the first one first."""
    wanted = sorted(fields, key=lambda name: int(fields[name]))
    for place, name in enumerate(wanted):
        while page.locator("[data-thing] select").nth(place).get_attribute("name") != name:
            _tab_to_mover(page, name)
            page.keyboard.press("Enter")


def _tab_to_mover(page: Page, name: str) -> None:
    for _ in range(MOST_TABS):
        mover = page.locator(f"[data-thing]:has(select[name={name}]) [data-move='-1']:focus")
        if mover.count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches the button that moves {name} up")


def _fill_in(page: Page, fields: dict[str, str]) -> None:
    for place, (name, text) in enumerate(fields.items()):
        expect(page.locator(f"input[name={name}]")).to_be_focused()
        overwrite(page, text)
        if place < len(fields) - 1:
            page.keyboard.press("Tab")
