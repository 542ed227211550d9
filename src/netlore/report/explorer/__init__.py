"""The part of the page that lets a reader explore the networks."""
