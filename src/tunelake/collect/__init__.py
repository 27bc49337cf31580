"""What to fetch next and how fast; the only place that talks to sources."""
