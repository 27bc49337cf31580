"""What broke a contract: seen, released after a fix, or taken as it is by a person's decision."""
