"""Real servers for tests: on loopback, free ports and temporary folders, started when first asked for."""
