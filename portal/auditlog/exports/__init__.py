"""What leaves the registers of trust: copies of an account's data, letters about breaches."""
