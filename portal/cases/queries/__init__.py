"""What is read of cases, by whoever may."""
