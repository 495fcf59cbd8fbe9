"""What readers of every kind share: how keys become entries, and lines and pulses become values. Pure."""
