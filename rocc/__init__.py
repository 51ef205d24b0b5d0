"""The project: settings, addresses and the door through which web servers come in."""
