"""The link between a unit and the central store: protocol, unit side, central side."""
