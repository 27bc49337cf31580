"""The Spotify Web API: its requests, its answers, its profiles."""
