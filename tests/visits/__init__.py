"""Tests of visits: free time, booking, deciding, pages."""
