"""The chat page as a person sees it and uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

ANSWER_MS = 20_000
TABS_MAX = 60
PICTURE_PX_MIN = 50
"""Of its width; what can't be shown has fewer."""


class Chat:
    """One chat. Whatever fails tells what stood on the page."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self._pictures, self._troubles = page, pictures, list[str]()
        self._width = (page.viewport_size or {"width": 0})["width"]
        page.on("pageerror", lambda error: self._troubles.append(str(error)))
        page.on("console", lambda said: self._troubles.append(said.text) if said.type == "error" else None)
        page.goto("/")

    def hears(self, words: str | re.Pattern[str]) -> str:
        """What the bot said last, once it says this."""
        newest = self.page.locator(".bubble.bot.newest")
        try:
            expect(newest).to_contain_text(words, timeout=ANSWER_MS)
        except AssertionError:
            self.picture("failed")
            pytest.fail(f"the chat doesn't say {words!r}. On the page stands:\n{self.page.inner_text('body')}")
        self._fits()
        return newest.inner_text()

    def taps(self, label: str) -> None:
        name = re.compile(rf"^(\d+ )?{re.escape(label)}")  # an option that is a number has no other before it
        self.page.locator(".newest").get_by_role("button", name=name).click(timeout=ANSWER_MS)

    def types(self, words: str) -> None:
        self.page.fill("#text", words)
        self.page.click("#send")

    def sends_photo(self, photo: bytes) -> None:
        self.page.set_input_files("#gallery-input", FilePayload(name="ktp.jpg", mimeType="image/jpeg", buffer=photo))

    def sees(self, alt: str) -> Locator:
        """The picture beside what the bot said last, once it is there."""
        picture = self.page.locator(".newest").get_by_alt_text(alt, exact=True)
        expect(picture).to_be_visible(timeout=ANSWER_MS)
        loaded = f"image => image.complete && image.naturalWidth > {PICTURE_PX_MIN}"
        expect(picture).to_have_js_property("complete", True, timeout=ANSWER_MS)
        assert picture.evaluate(loaded), f"the picture {alt!r} isn't shown"
        return picture

    def tabs_to(self, selector: str) -> None:
        """Reach an element with the Tab key alone."""
        tab_to(self.page, selector)

    def keys(self, words: str) -> None:
        """Write an answer without a mouse."""
        if not self.page.locator("#text:focus").count():
            self.tabs_to("#text")
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")

    def bubbles(self) -> list[str]:
        return self.page.locator(".bubble").all_inner_texts()

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self._pictures / f"{name}.png")

    def is_sound(self) -> None:
        assert self._troubles == []

    def _fits(self) -> None:
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self._width, "the page is wider than a phone"


def tab_to(page: Page, selector: str) -> None:
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    pytest.fail(f"{TABS_MAX} times Tab don't reach {selector}. On the page stands:\n{page.inner_text('body')}")
