"""What a job will cost, told before it is sent."""
