"""A tour of the lake as notebooks; people get a copy of their own."""
