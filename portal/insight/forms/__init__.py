"""What readers of figures ask for, and what planners type."""
