"""Tables in files, and SQL over them."""
