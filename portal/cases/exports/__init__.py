"""What leaves the portal of a case: its record, letters, figures."""
