"""Logs of tables: what is new, what is latest, what was seen again."""
