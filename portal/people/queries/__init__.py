"""Reading people, appointments, invitations and sessions."""
