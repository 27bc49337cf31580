"""Taking something out of the lake for good: answers, tables, their older versions."""
