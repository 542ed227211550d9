"""Tables as data frames, CSV, Markdown and LaTeX."""
