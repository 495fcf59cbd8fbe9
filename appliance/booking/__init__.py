"""What is occupied, by whom and when. Knows neither keys nor doors; boot injects what must follow a confirmation."""
