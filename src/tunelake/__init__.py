"""Tunelake: a self-hosted music-catalogue data platform."""

__version__ = "0.1.0"
