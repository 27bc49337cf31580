"""Gives memory that is free again back to the system; glibc alone keeps what lies between what is in use."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Do so where the C library can; elsewhere nothing happens."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
