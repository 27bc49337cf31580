"""The HTTP server of the sandbox: accounts, catalogue, limits and faults of the Spotify Web API."""
