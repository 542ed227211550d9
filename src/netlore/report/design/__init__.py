"""The page of a design: one network for somebody's images and budget, and how it was found."""
