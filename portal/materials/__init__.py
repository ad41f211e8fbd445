"""Materials against bullying: what can be read, played, printed and told on, and campaigns."""
