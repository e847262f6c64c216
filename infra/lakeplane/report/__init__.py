"""What a run left behind, for people: a summary on the terminal and one HTML page."""
