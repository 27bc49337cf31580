"""A person's own listening history, as Spotify hands it out: read piece by piece, stripped, each play once."""
