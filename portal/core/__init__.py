"""Foundations every feature stands on; nothing here knows Flask or a feature."""
