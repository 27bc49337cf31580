"""What a table promises: one file a table, and what follows from it."""
