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
    expect(page.locator("#step input:focus")).to_have_count(1)
    if "option" in fields:
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
    page.keyboard.press("Enter")
