"""Answers on their way in: records in segments, durable before anything is read of them."""
