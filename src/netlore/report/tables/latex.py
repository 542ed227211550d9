"""Tables as LaTeX that compiles with the packages of every installation; the files are plain ASCII."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

PAGE_ROWS = 42
"""Rows of a table that fit on a page with its caption."""
_LINE = 480.0  # points of a line on A4 with margins of 2 cm, as in `document`
_WIDE = 9  # columns from which a table spans both columns of a two-column document
# The size of a letter in points, as a rule, and the command that selects it.
_SIZES = ((5.3, "small"), (4.7, "footnotesize"), (4.3, "scriptsize"), (3.7, "tiny"))
_GAP = 6.0  # points between two columns of a long table

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    **{sign: f"${sign}$" for sign in "<>|"},
    "[": "{[}",  # after the end of a row, a bracket or a star would belong to it
    "]": "{]}",
    "*": "{*}",
    '"': "''",
    "`": "{`}",
    "-": "{-}",  # two of them are no dash
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{MINUS SIGN}": "$-$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{INFINITY}": r"$\infty$",
    "\N{PARTIAL DIFFERENTIAL}": r"$\partial$",
    "\N{MIDDLE DOT}": r"$\cdot$",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{MICRO SIGN}": r"$\mu$",
    "\N{DEGREE SIGN}": r"$^{\circ}$",
    **dict(zip("ßøØæÆłŁ", (rf"\{name}{{}}" for name in ("ss", "o", "O", "ae", "AE", "l", "L")), strict=True)),
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{NO-BREAK SPACE}": "~",
}
_ACCENTS = dict(zip("\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327", "`'^~\"rvc", strict=True))
# Capital letters that look like Latin ones have no command of their own.
_GREEK = {
    "Alpha": "A", "Beta": "B", "Epsilon": "E", "Zeta": "Z", "Eta": "H", "Iota": "I", "Kappa": "K", "Mu": "M",
    "Nu": "N", "Omicron": "O", "Rho": "P", "Tau": "T", "Chi": "X", "omicron": "o",
}  # fmt: skip
_POWERS = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))
_MINUS = re.compile(r"(?<![^\s({\[,])-(?=[\w(.])")


def escape(text: str) -> str:
    """Write any text as LaTeX that prints it, in ASCII.

    >>> escape("w_1 ≥ 8 & 30 %"), escape("[-2, 10⁻³]")
    ('w\\\\_1 $\\\\geq$ 8 \\\\& 30 \\\\%', '{[}$-$2, 10$^{-3}${]}')
    """
    signed = _MINUS.sub("\N{MINUS SIGN}", " ".join(text.split()))
    pieces = re.split(f"([{''.join(_POWERS)}]+)", signed)
    return "".join(
        f"$^{{{''.join(_POWERS[sign] for sign in piece)}}}$" if index % 2 else "".join(map(_sign, piece))
        for index, piece in enumerate(pieces)
    )


def _sign(sign: str) -> str:
    """One character as ASCII; what LaTeX has no letter for is named by its code."""
    if sign in _SIGNS:
        return _SIGNS[sign]
    if sign.isascii():
        return sign
    words = unicodedata.name(sign, "").split()
    if words[:1] == ["GREEK"] and words[2:3] == ["LETTER"] and len(words) == 4:
        name = words[3].capitalize() if words[1] == "CAPITAL" else words[3].lower()
        name = name.replace("amda", "ambda")  # Unicode's lamda
        return _GREEK.get(name, f"$\\{name}$")
    letters = unicodedata.normalize("NFKD", sign)
    if len(letters) == 2 and letters[0].isascii() and letters[1] in _ACCENTS:
        return f"\\{_ACCENTS[letters[1]]}{{{letters[0]}}}"
    return f"U+{ord(sign):04X}" if letters == sign else "".join(map(_sign, letters))


def to_latex(
    name: str, caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]
) -> str:
    """Write a table that fits a page: as it is, made narrower, or over several pages.

    Args:
        name: What `\\ref{tab:NAME}` calls it.
        caption: Plain text.
        columns: The headings, plain text.
        rows: Plain texts, each row as long as the columns.
        numeric: Which columns are aligned on the right.
    """
    head = _row(columns)
    body = [_row(row) for row in rows]
    preamble = "".join("r" if right else "l" for right in numeric)
    label = f"\\caption{{{escape(caption)}}}\\label{{tab:{name}}}"
    size = _size_that_fits(columns, rows)
    if len(rows) > PAGE_ROWS and size is not None:
        return _long(preamble, label, head, body, size)
    parts = [body[start : start + PAGE_ROWS] for start in range(0, len(body), PAGE_ROWS)] or [[]]
    titles = [label]
    for number in range(2, len(parts) + 1):
        titles.append(f"Table \\ref{{tab:{name}}}, part {number} of {len(parts)}")
    kind = ("table*" if len(columns) >= _WIDE else "table", "htbp" if len(parts) == 1 else "p")
    floats = [_float(*kind, preamble, title, head, part) for title, part in zip(titles, parts, strict=True)]
    # Whole pages, one after the other: LaTeX keeps only so many waiting.
    return "% Needs \\usepackage{graphicx}; use it with \\input.\n" + "\\clearpage\n".join(floats)


def _row(cells: Sequence[str]) -> str:
    return " & ".join(map(escape, cells)) + r" \\"


def _size_that_fits(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """The largest letters in which the columns fit a line; None if there are none."""
    letters = sum(max(map(len, column)) for column in zip(columns, *rows, strict=True))
    room = _LINE - _GAP * len(columns)
    return next((command for width, command in _SIZES if letters * width <= room), None)


def _float(kind: str, places: str, preamble: str, title: str, head: str, body: Sequence[str]) -> str:
    lines = [
        f"\\begin{{{kind}}}[{places}]",
        "\\centering",
        "\\renewcommand{\\arraystretch}{1.15}",
        f"{title}\\par\\smallskip",
        "% Narrowed to the line if it is wider.",
        "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%",
        f"\\begin{{tabular}}{{{preamble}}}",
        "\\hline",
        head,
        "\\hline",
        *body,
        "\\hline",
        "\\end{tabular}}",
        f"\\end{{{kind}}}",
    ]
    return "\n".join(lines) + "\n"


def _long(preamble: str, label: str, head: str, body: Sequence[str], size: str) -> str:
    lines = [
        "% Needs \\usepackage{longtable}, in a document of one column; use it with \\input.",
        "\\clearpage% tables before it come before it",
        "\\begingroup",
        f"\\{size}",
        f"\\setlength{{\\tabcolsep}}{{{_GAP / 2:g}pt}}",
        "\\setlength{\\LTcapwidth}{\\linewidth}",
        f"\\begin{{longtable}}{{{preamble}}}",
        f"{label} \\\\",
        *("\\hline", head, "\\hline", "\\endfirsthead"),
        *("\\hline", head, "\\hline", "\\endhead"),
        *("\\hline", "\\endfoot"),
        *body,
        "\\end{longtable}",
        "\\endgroup",
    ]
    return "\n".join(lines) + "\n"


def document(title: str, names: Sequence[str]) -> str:
    """Write a document that shows the tables of these names."""
    lines = [
        "% All tables; compile it in this folder with pdflatex, twice for the references.",
        "\\documentclass[a4paper]{article}",
        "\\usepackage[margin=2cm]{geometry}",
        "\\usepackage{graphicx}",
        "\\usepackage{longtable}",
        "\\begin{document}",
        f"\\section*{{{escape(title)}}}",
        *(f"\\input{{{name}.tex}}" for name in names),
        "\\end{document}",
    ]
    return "\n".join(lines) + "\n"
