"""Jobs: the stages in order, started by hand or on demand."""
