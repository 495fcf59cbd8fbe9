"""The ways by which a message leaves: each speaks one protocol, and answers what became of it."""
