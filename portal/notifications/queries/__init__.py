"""What is read about messages: inbox, words, what did not leave."""
