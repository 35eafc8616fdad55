"""How the agents are: what the Status page shows, worked out."""
