"""Smart-meter load profiles through bronze, silver and gold."""
