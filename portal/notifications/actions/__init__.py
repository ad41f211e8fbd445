"""What is done with messages: written, withdrawn, read, handed over, sent."""
