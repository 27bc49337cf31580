"""Who may do what at once: locks of files, of a bucket, and leases of readers."""
