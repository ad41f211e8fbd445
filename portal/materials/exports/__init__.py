"""Files and pictures made from materials."""
