"""Damaged tables are found, and made anew from what can still be read."""
