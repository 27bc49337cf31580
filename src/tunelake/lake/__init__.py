"""Pages to raw segments, to typed rows, to tables with history."""
