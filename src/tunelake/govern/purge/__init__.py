"""Erasing an artist, a user or a source everywhere, and proving it."""
