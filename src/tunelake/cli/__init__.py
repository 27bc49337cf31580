"""Parse, call, show; map errors to exit codes."""
