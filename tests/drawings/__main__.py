"""Draw every SVG as PNG."""

from __future__ import annotations

import base64
import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.drawings import SOURCE, digest, svgs

WIDTH = 640
COLOURS = 64


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": WIDTH, "height": WIDTH})
        for svg in svgs():
            source = f"data:image/svg+xml;base64,{base64.b64encode(svg.read_bytes()).decode()}"
            page.set_content(f'<body style="margin:0"><img src="{source}" width="{WIDTH}">')
            page.locator("img").wait_for()
            shot = Image.open(io.BytesIO(page.locator("img").screenshot()))
            info = PngInfo()
            info.add_text(SOURCE, digest(svg))
            shot.convert("RGB").quantize(COLOURS).save(svg.with_suffix(".png"), optimize=True, pnginfo=info)
        browser.close()


if __name__ == "__main__":
    main()
