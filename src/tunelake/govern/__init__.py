"""What may be kept, and the proof that what had to go is gone."""
