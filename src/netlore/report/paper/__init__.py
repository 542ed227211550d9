"""The paper's figures, and some beyond it, for a whole study: at the paper's column widths, to be printed."""
