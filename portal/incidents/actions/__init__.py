"""What is done with reports: received, read, answered, decided."""
