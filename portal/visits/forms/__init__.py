"""Forms for booking, deciding, delivering, and workers' time."""
