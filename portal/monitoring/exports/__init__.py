"""Papers about a child's return to school."""
