"""Facts and neighbours to the stores that serve."""
