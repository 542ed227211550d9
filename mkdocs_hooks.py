"""What the site does to pages and docstrings that GitHub and Python do not need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

OUTSIDE = re.compile(r"\[([^]]+)\]\((?:\.\./)+([^)#]+)(?:#[^)]*)?\)")
EXAMPLE = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)
COMMANDS, FIGURES = "<!-- commands -->", "<!-- figures -->"
FIGURE = re.compile(r"!\[(.*?)\]\(figures/(.*?)\)")
FLOWCHART = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ARROW = re.compile(r'\s*(?:-- "?([\w ,:]+?)"? )?-->\s*')


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Files of the repository that are no pages become links to `repo_url`; while there is none, paths."""
    if COMMANDS in markdown:
        markdown = markdown.replace(COMMANDS, "\n".join(commands()))
    if FIGURES in markdown:
        pages = [file for file in files.documentation_pages() if file.src_uri != page.file.src_uri]
        gathered = (line for file in pages for line in figures(file.src_uri, file.content_string))
        markdown = markdown.replace(FIGURES, "\n".join(gathered))
    markdown = FLOWCHART.sub(lambda chart: "\n".join(arrows(chart[1])), markdown)
    return markdown if page.url.startswith("api/") else OUTSIDE.sub(lambda link: outside(link, config), markdown)


def outside(link: re.Match[str], config: MkDocsConfig) -> str:
    """A link out of docs/, as the site has it."""
    text, path = link.groups()
    if config.repo_url:
        return f"[{text}]({config.repo_url.rstrip('/')}/blob/HEAD/{path})"
    return text if path in text else f"{text} (`{path}`)"


def arrows(chart: str) -> Iterator[str]:
    """A flowchart as a table: what draws it on GitHub would have to be loaded from another host here."""
    yield "| from | what | to |\n| --- | --- | --- |"
    for line in (line for line in chart.splitlines() if "-->" in line):
        first, *rest = ARROW.split(re.sub(r"\[.*?\]", "", line).strip())
        for label, last in zip(rest[::2], rest[1::2], strict=True):
            yield f"| `{first}` | {label or ''} | `{last}` |"
            first = last


def figures(uri: str, markdown: str) -> Iterator[str]:
    """Markdown of the figures that a command makes for a page, each with the heading that it stands under."""
    command = re.search(rf"python -m paper\.\w+ docs/{uri}.*?(?=`|$)", markdown, re.MULTILINE)
    if not command or not FIGURE.search(markdown):
        return
    title, *parts = re.split(r"(?m)^#{1,3} (.*)$", markdown)[1:]
    yield f"## {title}\n\n[What they say]({uri}).\n\n```\n{command[0]}\n```\n"
    for heading, text in zip([title, *parts[1::2]], parts[::2], strict=True):
        for alt, name in FIGURE.findall(text):
            about = f": {heading}" if heading not in (title, alt) else ""
            yield f"![{alt}](figures/{name})\n\n*{alt}{about}*\n"


def commands() -> Iterator[str]:
    """Markdown of all commands: what each does, its arguments and options."""
    import typer

    from netlore.cli.application import app

    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        yield f"\n## {name}\n\n{command.help}\n\n| | | if not given |\n| --- | --- | --- |"
        for one in command.params:
            option = one.opts[0].startswith("-")
            words = ", ".join(f"`{word}`" for word in (one.opts if option else [one.name.upper()]))
            default = one.default if isinstance(one.default, int | float | str | tuple) else None
            shown = f"`{default}`" if default is not None and default is not False and default != () else ""
            yield f"| {words} | {one.help.replace('|', chr(92) + '|')} | {shown} |"


class Examples(griffe.Extension):
    """Examples of docstrings become blocks of code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Fence what begins with `>>>`, up to an empty line."""
        if obj.docstring:
            obj.docstring.value = EXAMPLE.sub(lambda example: f"```pycon\n{example[0]}\n```", obj.docstring.value)
