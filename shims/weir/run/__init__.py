"""What an update does, room by room: each imports only the rooms below it."""
