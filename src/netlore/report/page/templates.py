"""The templates of the pages, and values as JSON inside them."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(name: str, **values: Any) -> str:
    """Fill a template; everything that is not marked as markup is escaped."""
    environment = _environment()
    return environment.get_template(name).render(**values)


def verbatim(*names: str) -> Markup:
    """Files of the templates folder one after another, as they are: style sheets and scripts of this package."""
    loader = PackageLoader("netlore.report", "templates")
    environment = _environment()
    return Markup("\n").join(Markup(loader.get_source(environment, name)[0]) for name in names)


def embedded_json(value: Any) -> Markup:
    """JSON for a `<script type="application/json">` element.

    No text in it can end the element or begin a comment, as <, > and & are written as escapes of JSON's own.

    >>> print(embedded_json({"title": "</script>"}))
    {"title":"\\u003c/script\\u003e"}

    Raises:
        ValueError: A number is not finite; JSON has no such numbers.
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("netlore.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
