"""Who may see what of a child's return to school, and the rules that need no database."""
