"""What people type into the registers of trust."""
