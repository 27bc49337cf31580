"""Lists that come part by part and may move while they are read."""
