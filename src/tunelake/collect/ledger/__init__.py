"""What is known and what is owed: the memory of every answer, in memory or on SQL."""
