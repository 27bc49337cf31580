"""Keeps the tables in shape: small files become large ones, old and expired files go."""
