"""Home: what needs this person today; the public first page, privacy, health, settings."""
