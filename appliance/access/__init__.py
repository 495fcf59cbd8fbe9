"""The door side: what a presentation is, who decides, and what a door does. Never imports the booking side."""
