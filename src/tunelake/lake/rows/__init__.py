"""Pages as typed rows."""
