"""A QR scanner that plays a keyboard over USB."""
