"""Reading what somebody tells, and what they come back to."""
