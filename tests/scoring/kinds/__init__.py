"""Evidence by passes of its own."""
