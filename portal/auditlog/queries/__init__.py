"""Reading the registers of trust."""
