"""A lake taken to another place: copied, compared, and only then used there."""
