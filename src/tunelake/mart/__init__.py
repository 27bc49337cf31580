"""Tables to facts: SELECT files, and the engine that runs them."""
