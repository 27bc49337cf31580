"""ListenBrainz: its endpoints as values, its answers to rows. Pure."""
