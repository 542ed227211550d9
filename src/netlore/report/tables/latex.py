"""Tables as LaTeX that compiles with booktabs, longtable and graphicx; the files are plain ASCII."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
from pylatexenc.latexencode import RULE_DICT, UnicodeToLatexConversionRule, UnicodeToLatexEncoder

PAGE_ROWS = 42
"""Rows of a table that fit on a page with its caption."""
_LINE = 480.0  # points of a line on A4 with margins of 2 cm, as in `document`
_WIDE = 9  # columns from which a table spans both columns of a two-column document
# The size of a letter in points, as a rule, and the command that selects it.
_SIZES = ((5.3, "small"), (4.7, "footnotesize"), (4.3, "scriptsize"), (3.7, "tiny"))
_GAP = 6.0  # points between two columns of a long table
_POWERS = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))
_OWN = {
    **{sign: f"{{{sign}}}" for sign in "[]*`-"},  # after the end of a row, a bracket or a star would belong to it
    **{sign: rf"\ensuremath{{{sign}}}" for sign in "<>|"},
    '"': "''",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{NO-BREAK SPACE}": "~",
    "\N{MULTIPLICATION SIGN}": r"\ensuremath{\times}",
    "\N{RIGHTWARDS ARROW}": r"\ensuremath{\rightarrow}",
    "\N{MICRO SIGN}": r"\ensuremath{\mu}",
    "\N{DEGREE SIGN}": r"\ensuremath{^{\circ}}",
}
# What LaTeX prints without further packages, and the letters among these for which it has no sign.
_FOREIGN = re.compile(
    "[^\x20-\x7e\xa1-\u017f\u0391-\u03a9\u03b1-\u03c9\u2013-\u2026\u2192\u2202\u2208\u2211-\u2212\u221a\u221e\u2248\u2260\u2264-\u2265⁻⁰¹²³⁴⁵⁶⁷⁸⁹]"
    "|[«»ÐÞðþĄąĘęĮįŲųĐđŉŊŋ]"
)
_MINUS = re.compile(r"(?<![^\s({\[,])-(?=[\w(.])")
_ENCODER = UnicodeToLatexEncoder(
    conversion_rules=[
        UnicodeToLatexConversionRule(RULE_DICT, {ord(sign): latex for sign, latex in _OWN.items()}),
        "defaults",
    ],
    replacement_latex_protection="braces-after-macro",
    unknown_char_policy=lambda sign: f"U+{ord(sign):04X}",
    unknown_char_warning=False,
)


def escape(text: str) -> str:
    """Write any text as LaTeX that prints it, in ASCII; what LaTeX has no letter for is named by its code.

    >>> escape("w_1 ≥ 8 & 30 %"), escape("[-2, 10⁻³]")
    ('w\\\\_1 \\\\ensuremath{\\\\geq} 8 \\\\& 30 \\\\%', '{[}\\\\ensuremath{-}2, 10$^{-3}${]}')
    """
    known = _FOREIGN.sub(lambda found: f"U+{ord(found[0]):04X}", " ".join(text.split()))
    signed = _MINUS.sub("\N{MINUS SIGN}", known)
    pieces = re.split(f"([{''.join(_POWERS)}]+)", signed)
    return "".join(
        f"$^{{{''.join(_POWERS[sign] for sign in piece)}}}$" if index % 2 else _ENCODER.unicode_to_latex(piece)
        for index, piece in enumerate(pieces)
    )


def to_latex(name: str, caption: str, texts: pd.DataFrame, numeric: Sequence[bool]) -> str:
    """Write a table that fits a page: as it is, made narrower, or over several pages.

    Args:
        name: What `\\ref{tab:NAME}` calls it.
        caption: Plain text.
        texts: Plain texts under plain headings.
        numeric: Which columns are aligned on the right.
    """
    escaped = texts.map(escape)
    escaped.columns = pd.Index([escape(str(column)) for column in texts.columns])
    preamble = "".join("r" if right else "l" for right in numeric)
    size = _size_that_fits(texts)
    if len(texts) > PAGE_ROWS and size is not None:
        return _long(name, caption, escaped, preamble, size)
    starts = range(0, max(len(texts), 1), PAGE_ROWS)
    floats = []
    for number, start in enumerate(starts, 1):
        part = escaped[start : start + PAGE_ROWS]
        again = f"Table \\ref{{tab:{name}}}, part {number} of {len(starts)}"
        title = f"\\caption{{{escape(caption)}}}\\label{{tab:{name}}}" if number == 1 else again
        floats.append(_float(title, part, preamble, "htbp" if len(starts) == 1 else "p"))
    # Whole pages, one after the other: LaTeX keeps only a few waiting.
    return "% Needs \\usepackage{booktabs, graphicx}; use it with \\input.\n" + "\\clearpage\n".join(floats)


def _size_that_fits(texts: pd.DataFrame) -> str | None:
    """The largest letters in which the columns fit a line; None if there are none."""
    letters = sum(max([len(str(name)), *map(len, texts[name])]) for name in texts)
    room = _LINE - _GAP * texts.shape[1]
    return next((command for width, command in _SIZES if letters * width <= room), None)


def _float(title: str, part: pd.DataFrame, preamble: str, position: str) -> str:
    """A table float, narrowed to the line if it is wider."""
    kind = "table*" if part.shape[1] >= _WIDE else "table"
    body = part.style.hide(axis="index").to_latex(hrules=True, column_format=preamble)
    return (
        f"\\begin{{{kind}}}[{position}]\n\\centering\n{title}\\par\\smallskip\n"
        "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n"
        f"{body.rstrip()}}}\n\\end{{{kind}}}\n"
    )


def _long(name: str, caption: str, texts: pd.DataFrame, preamble: str, size: str) -> str:
    """A table over several pages, in letters that are small enough."""
    body = texts.style.hide(axis="index").to_latex(
        environment="longtable",
        hrules=True,
        column_format=preamble,
        caption=escape(caption),
        label=f"tab:{name}",
    )
    return (
        "% Needs \\usepackage{booktabs, longtable}, in a document of one column; use it with \\input.\n"
        "\\clearpage% tables before it come before it\n"
        f"\\begingroup\n\\{size}\n\\setlength{{\\tabcolsep}}{{{_GAP / 2:g}pt}}\n"
        f"\\setlength{{\\LTcapwidth}}{{\\linewidth}}\n{body}\\endgroup\n"
    )


def document(title: str, names: Sequence[str]) -> str:
    """Write a document that shows the tables of these names."""
    lines = [
        "% All tables; compile it in this folder with pdflatex, twice for the references.",
        "\\documentclass[a4paper]{article}",
        "\\usepackage[margin=2cm]{geometry}",
        "\\usepackage{booktabs, graphicx, longtable}",
        "\\begin{document}",
        f"\\section*{{{escape(title)}}}",
        *(f"\\input{{{name}.tex}}" for name in names),
        "\\end{document}",
    ]
    return "\n".join(lines) + "\n"
