"""Trust: the trail, requests of data subjects, breaches, retention."""
