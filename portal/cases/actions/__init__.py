"""What is done with cases; every step locks the case and asks again who may."""
