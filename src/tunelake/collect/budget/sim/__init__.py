"""A world in virtual time for the governor: limits of many kinds, and a clock that costs nothing."""
