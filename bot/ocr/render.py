"""Run as a program of its own, never in ours: a HEIC, PDF or very large JPEG on stdin -> its pixels on stdout.

`python -I render.py KIND SIDE PIXELS BYTES SECONDS` writes one line "whole width height", then
width x height x 3 bytes RGB, no side longer than SIDE; `whole` is the width in the file, in pixels.
Invariant: it imports nothing of the project, has no more memory than BYTES and no more processor time than SECONDS,
opens no connection and runs no script: PDFium is built without JavaScript here, and forms are not started.
Ends with TOO_LARGE where the file would need more; with anything else but 0 where it can't be read.
"""

from __future__ import annotations

import io
import math
import resource
import sys
import warnings
from typing import Literal

from PIL import Image

Kind = Literal["HEIF", "PDF", "JPEG"]
Made = tuple[Image.Image, int]
"""A picture, and how many pixels wide it is in the file."""

TOO_LARGE = 3
NESTED_MAX = 4
"""How deep in the forms of a page pictures are looked for, to know their size before they are decoded."""
PAGE_PT_MIN = 1.0
"""Points, 1/72 inch; PDFium gives odd pages a size itself."""


class TooLargeError(Exception):
    """The file holds more pixels than are allowed."""


def make(file: bytes, kind: Kind, side: int, pixels_max: int) -> Made:
    """The picture in a file as RGB, no side longer than `side`. Raises whatever the libraries raise."""
    match kind:
        case "PDF":
            return page_of(file, side, pixels_max)
        case "HEIF":
            return heif_of(file, side, pixels_max)
        case "JPEG":
            return _reduced(file, kind, side, pixels_max)


def page_of(file: bytes, side: int, pixels_max: int) -> Made:
    """The first page of a PDF, its long side made `side` pixels."""
    import pypdfium2  # noqa: PLC0415 - only for a PDF

    with pypdfium2.PdfDocument(file) as document:
        page = document[0]
        for image in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=NESTED_MAX):
            if math.prod(image.get_px_size()) > pixels_max:
                raise TooLargeError
        long_pt = max(*page.get_size(), PAGE_PT_MIN)
        picture = page.render(scale=side / long_pt, rev_byteorder=True).to_pil().convert("RGB")
    picture.thumbnail((side, side))  # PDFium rounds up
    return picture, picture.width


def heif_of(file: bytes, side: int, pixels_max: int) -> Made:
    """The main picture of a HEIC. libheif turns it as its `irot` and `imir` say and pillow-heif then sets the EXIF
    orientation to 1 (pillow-heif.readthedocs.io, set_orientation): nobody needs to turn it again."""
    from pillow_heif import register_heif_opener  # noqa: PLC0415 - only for a HEIC

    # a preview may show something else than the picture
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    return _reduced(file, "HEIF", side, pixels_max)


def _reduced(file: bytes, form: str, side: int, pixels_max: int) -> Made:
    with Image.open(io.BytesIO(file), formats=(form,)) as image:
        whole = image.width
        if math.prod(image.size) > pixels_max:
            raise TooLargeError
        image.draft("RGB", (side, side))
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        return on_paper(image), whole


def on_paper(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white paper."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def main(kind: Kind, side: int, pixels_max: int, bytes_max: int, seconds: int) -> int:
    warnings.simplefilter("ignore")
    file = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (bytes_max, bytes_max))
    try:
        picture, whole = make(file, kind, side, pixels_max)
    except (TooLargeError, MemoryError, Image.DecompressionBombError):
        return TOO_LARGE
    sys.stdout.buffer.write(b"%d %d %d\n" % (whole, *picture.size))
    sys.stdout.buffer.write(picture.tobytes())
    return 0


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    sys.exit(main(kind, *map(int, numbers)))  # type: ignore[arg-type] # a Kind: only `apart` calls it
