"""What is done about a child's return to school."""
