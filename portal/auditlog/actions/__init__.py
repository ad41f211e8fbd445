"""Changing the registers of trust."""
