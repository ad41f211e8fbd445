"""What people fill in about materials and campaigns."""
