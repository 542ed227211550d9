"""Do scores predict accuracy? Tables of trained networks, and how well scores rank the same networks."""
