"""A person's own catalogue, read from a folder of Parquet or CSV files."""
