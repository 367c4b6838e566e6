"""PDF files written by hand, object by object (ISO 32000-1), for what no program would write."""

from __future__ import annotations

from collections.abc import Sequence


def stream(entries: bytes, content: bytes) -> bytes:
    """A stream object."""
    return b"<<" + entries + b"/Length %d>>stream\n" % len(content) + content + b"\nendstream"


def drawn(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1; the first is its catalogue."""
    file, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        file
        + b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        + table
        + b"trailer\n<</Size %d/Root 1 0 R" % (len(places) + 1)
        + trailer
        + b">>\nstartxref\n%d\n%%%%EOF" % len(file)
    )


def page(
    content: bytes,
    objects: Sequence[bytes] = (),
    *,
    box: bytes = b"[0 0 595 842]",
    rest: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """One page; its content may use the first of `objects`, number 5, as /X."""
    resources = b"/Resources<</XObject<</X 5 0 R>>>>" if objects else b""
    return drawn(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox" + box + resources + rest + b">>",
            stream(b"", content),
            *objects,
        ],
        trailer,
    )
