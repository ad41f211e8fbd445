"""What people type about themselves and each other."""
