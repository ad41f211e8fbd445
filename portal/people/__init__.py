"""People: accounts, dated appointments, invitations, sign-in and its sessions."""
