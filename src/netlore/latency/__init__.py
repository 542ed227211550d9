"""How long networks take on this machine, and tables that predict it."""
