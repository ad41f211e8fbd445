"""What leaves the portal of a case: its record, and the sheet for SIMFONI."""
