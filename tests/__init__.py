"""Every test; what tests share stands beside them."""
