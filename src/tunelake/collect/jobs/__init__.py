"""What is done, from a name to everything about an artist: one job, one loop, one report."""
