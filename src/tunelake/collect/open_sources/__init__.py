"""Collecting from open sources, which need no account: MusicBrainz and ListenBrainz."""
