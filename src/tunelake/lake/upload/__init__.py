"""A person's own files: read, mapped, checked and landed as pages like any other source."""
