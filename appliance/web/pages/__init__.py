"""Pages for people at a desk: the wall of doors and the sign-in."""
