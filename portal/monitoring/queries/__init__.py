"""Reading what concerns a child's return to school."""
