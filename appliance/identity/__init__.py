"""Who may sign in, and how it is proved."""
