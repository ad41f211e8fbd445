"""What somebody without an account may do: tell, send, come back."""
