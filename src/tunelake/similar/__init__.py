"""Facts to neighbours with reasons."""
