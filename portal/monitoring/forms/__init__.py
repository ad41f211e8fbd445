"""What people fill in about a child's return to school."""
