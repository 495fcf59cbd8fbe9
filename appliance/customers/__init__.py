"""The register of people who book, and how their contacts are read and compared."""
