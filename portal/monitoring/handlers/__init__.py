"""What monitoring does when something happens in cases, at schools, or in itself."""
