"""Tables of a person's own database, pulled into the lake."""
