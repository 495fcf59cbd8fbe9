"""The unit: booking core, keys, the door decision, and the faces that serve them."""

__version__ = "0.1.0"
