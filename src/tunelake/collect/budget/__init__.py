"""How fast to ask: one governor for all jobs of an account; pure, with time as an argument."""
