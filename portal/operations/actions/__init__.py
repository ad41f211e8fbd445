"""What keeps a portal's data safe: backups, restoring them, trying them out."""
