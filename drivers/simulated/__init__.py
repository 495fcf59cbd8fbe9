"""A whole door in memory: for demos, for trying a configuration, and for tests. A product driver."""
