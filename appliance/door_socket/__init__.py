"""The local API of the door process: one socket for presentations, one for control."""
