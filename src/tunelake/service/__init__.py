"""A question to an answer; the pages and the API around it."""
