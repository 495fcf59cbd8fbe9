"""Messages to customers and staff: what they are told of, in whose words, and how it reaches them."""
