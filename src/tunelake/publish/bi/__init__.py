"""What BI tools show of the published tables."""
