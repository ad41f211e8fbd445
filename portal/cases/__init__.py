"""Cases: a child the office helps, through the seven stages of its procedure."""
