"""What keeps the portal running: jobs, health, backups, and the page that shows them."""
