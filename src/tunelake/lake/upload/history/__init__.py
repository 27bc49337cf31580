"""A person's own listening history, as it is handed out: read piece by piece, stripped, each play once."""
