"""Changing visits: booking, deciding, delivering, and social workers' time."""
