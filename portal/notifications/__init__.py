"""Messages: what people are told, by which way, and whether it arrived."""
