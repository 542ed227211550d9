"""SVG documents for files, and SVG elements for a page that holds several of them."""

from __future__ import annotations

import html
import re

from matplotlib.figure import Figure

from netlore.report.figures.style import svg_text

# Text from outside cannot match: matplotlib escapes every < and >.
_ID = re.compile(r'(<\w+ id=")([^"]+)(?=")')
_REFERENCE = re.compile(r'(<[^<>]*(?:clip-path="url\(#|xlink:href="#))([^)"]+)')
_FONT = re.compile(r"(<[^<>]*)'DejaVu Sans'(?:, sans-serif)?")


def document(figure: Figure, name: str) -> str:
    """Draw a figure as an SVG document whose text is text and whose ids all begin with the name.

    Matplotlib calls the first axes of every figure axes_1: ids without the name would collide on a page.
    """
    raw = svg_text(figure, name)
    for pattern, new in ((_FONT, r"\1sans-serif"), (_ID, rf"\1{name}-\2"), (_REFERENCE, rf"\1{name}-\2")):
        raw = pattern.sub(new, raw)
    return raw


def inline(text: str, label: str) -> str:
    """Turn an SVG document into an element of an HTML page, with an accessible name."""
    element = text[text.index("<svg") :]
    return element.replace("<svg", f'<svg role="img" aria-label="{html.escape(label)}"', 1).strip()
