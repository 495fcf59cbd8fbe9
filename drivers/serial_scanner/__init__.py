"""A QR scanner on a serial port."""
