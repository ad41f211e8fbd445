"""Changing people: accounts, passwords, second factors, sessions, invitations, appointments."""
