"""What is read about the portal itself: health, jobs."""
