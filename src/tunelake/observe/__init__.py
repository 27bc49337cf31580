"""What goes on in a home, for its operator: jobs that run, counts that last, the state of everything."""
