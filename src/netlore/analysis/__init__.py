"""Arrays in, values out: bootstrap, distribution functions, replication."""
