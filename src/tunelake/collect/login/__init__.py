"""A user's login and what they played lately."""
