"""Visits as letters and as entries of calendars."""
