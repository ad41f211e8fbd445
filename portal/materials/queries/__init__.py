"""Reading materials, their use, and campaigns."""
