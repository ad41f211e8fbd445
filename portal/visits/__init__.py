"""Visits: Peksos Go to School and its sisters, from free slot to delivered session."""
