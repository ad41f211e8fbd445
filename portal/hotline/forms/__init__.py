"""The forms of Ruang Cerita; there is no question that must be answered."""
