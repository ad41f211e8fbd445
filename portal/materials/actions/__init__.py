"""What is done with materials and campaigns."""
