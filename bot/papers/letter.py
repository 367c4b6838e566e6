"""A letter of one page, A4, as PDF: black on white, readable when it is printed cheaply or photographed from a screen.

Invariant: the same letter gives the same bytes. Everything that it says stands on the one page; nothing is cut off.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time
from pathlib import Path

from babel.dates import format_date
from msgspec import Struct

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
FACES = {"": "DejaVuSansCondensed.ttf", "B": "DejaVuSansCondensed-Bold.ttf"}
"""Their Latin letters only: what names of Sulawesi need, and the rest of Europe's (fonts/LICENSE.txt)."""
NO_GLYPH = "?"
MARGIN_MM, TOP_MM, BOTTOM_MM = 24.0, 20.0, 20.0
LABEL_MM = 52.0
TITLE_PT, BODY_PT, SMALL_PT = 17.0, 11.0, 9.0
LEADING = 1.45
"""Height of a line, in heights of its letters."""
MM_PER_PT = 25.4 / 72
SCALES = (1.0, 0.9, 0.8, 0.7, 0.6)
"""How much smaller the letters may become, so that a long letter still stands on one page: at least 6.6 points."""


class Letter(Struct, frozen=True):
    """What stands in it, from the top. `office` is who writes, `reference` how they call it; `opening` and `closing`
    are paragraphs before and after the `fields` (label, value); `footer` stands small at the foot of the page."""

    office: str
    title: str
    reference: str
    day: date
    opening: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    closing: tuple[str, ...] = ()
    footer: str = ""


class LetterTooLongError(ValueError):
    """It doesn't fit on a page even with the smallest letters. Our bug: whoever drafts it limits what it says."""


def render(letter: Letter) -> bytes:
    """The PDF."""
    for scale in SCALES:
        sheet = _Sheet(letter, scale)
        try:
            if sheet.fits:
                return bytes(sheet.pdf.output())
        finally:
            for font in sheet.pdf.fonts.values():
                font.close()  # type: ignore[union-attr]  # all are files of ours, and each keeps its file open
    raise LetterTooLongError


class _Sheet:
    """One try, with letters of one scale. `fits`: nothing reaches into the foot of the page."""

    def __init__(self, letter: Letter, scale: float) -> None:
        from fpdf import FPDF  # noqa: PLC0415  # loaded with the first letter: it is large

        self._scale = scale
        self.pdf = pdf = FPDF(format="A4")
        for style, file in FACES.items():
            pdf.add_font(FAMILY, style, FONTS / file)
        pdf.set_creation_date(datetime.combine(letter.day, time(), UTC))
        pdf.set_title(letter.title)
        pdf.set_lang("id")
        pdf.set_margins(MARGIN_MM, TOP_MM)
        pdf.set_auto_page_break(False)
        pdf.c_margin = 0  # the rules are as long as the lines
        pdf.add_page()
        self._head(letter)
        self._paragraphs(letter.opening)
        self._fields(letter.fields)
        self._paragraphs(letter.closing)
        end = pdf.get_y()
        self.fits = self._foot(letter.footer) >= end

    def _head(self, letter: Letter) -> None:
        self._words(letter.office, BODY_PT, "B")
        self._rule(0.8)
        self._gap(5)
        self._words(letter.title, TITLE_PT, "B")
        day = format_date(letter.day, "d MMMM y", locale="id")
        self._words(" · ".join(part for part in (letter.reference, day) if part), BODY_PT)
        self._gap(5)

    def _paragraphs(self, paragraphs: tuple[str, ...]) -> None:
        for paragraph in paragraphs:
            self._words(paragraph, BODY_PT)
            self._gap(2.5)

    def _fields(self, fields: tuple[tuple[str, str], ...]) -> None:
        if not fields:
            return
        self._gap(1)
        self._rule(0.3)
        for label, value in fields:
            self._gap(1.2)
            top = self.pdf.get_y()
            self._words(label, BODY_PT, width_mm=LABEL_MM - 3)
            below = self.pdf.get_y()
            self.pdf.set_xy(MARGIN_MM + LABEL_MM, top)
            self._words(value, BODY_PT, "B")
            self.pdf.set_xy(MARGIN_MM, max(below, self.pdf.get_y()))
            self._gap(1.2)
            self._rule(0.3)
        self._gap(4)

    def _foot(self, footer: str) -> float:
        """Where it begins, in millimetres from the top of the page."""
        if not footer:
            return self.pdf.h - BOTTOM_MM
        self._font(SMALL_PT, "")
        shown = self._shown(footer)
        height = self.pdf.multi_cell(0, self._line_mm(SMALL_PT), shown, align="L", dry_run=True, output="HEIGHT")
        assert isinstance(height, float)
        top = self.pdf.h - BOTTOM_MM - height
        self.pdf.set_xy(MARGIN_MM, top)
        self._rule(0.3)
        self._gap(1.5)
        self._words(footer, SMALL_PT)
        return top

    def _words(self, words: str, size_pt: float, style: str = "", width_mm: float = 0) -> None:
        """Lines from here on, as wide as the page allows; the pen stands below them at the left margin."""
        self._font(size_pt, style)
        line = self._line_mm(size_pt)
        self.pdf.multi_cell(width_mm, line, self._shown(words), align="L", new_x="LMARGIN", new_y="NEXT")

    def _font(self, size_pt: float, style: str) -> None:
        self.pdf.set_font(FAMILY, style, size_pt * self._scale)

    def _shown(self, words: str) -> str:
        """Composed letters, and a mark for those that the font hasn't got: nothing may be missing without a sign."""
        known = self.pdf.fonts[FAMILY.lower()].cmap  # type: ignore[union-attr]  # a font of our own file
        return "".join(c if c == "\n" or ord(c) in known else NO_GLYPH for c in unicodedata.normalize("NFC", words))

    def _line_mm(self, size_pt: float) -> float:
        return size_pt * self._scale * MM_PER_PT * LEADING

    def _gap(self, mm: float) -> None:
        self.pdf.set_y(self.pdf.get_y() + mm * self._scale)

    def _rule(self, width_mm: float) -> None:
        pdf = self.pdf
        pdf.set_line_width(width_mm)
        pdf.line(MARGIN_MM, pdf.get_y() + 0.6, pdf.w - MARGIN_MM, pdf.get_y() + 0.6)
        self._gap(1.2)
