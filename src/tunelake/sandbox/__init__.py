"""A server that behaves like the Spotify Web API, and the catalogues it can serve."""
