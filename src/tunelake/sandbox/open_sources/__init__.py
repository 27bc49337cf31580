"""Open sources over the sandbox's catalogue: servers that speak as MusicBrainz and ListenBrainz do."""
