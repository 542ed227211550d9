"""Evidence by passes of its own: what a network shows of itself on other inputs or weights, or in parts."""
