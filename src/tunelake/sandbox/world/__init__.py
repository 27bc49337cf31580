"""The generated world: everything in it is a pure function of a seed and a number."""
