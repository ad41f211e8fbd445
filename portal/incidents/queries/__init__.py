"""What is read about reports: the desk, one file, figures."""
