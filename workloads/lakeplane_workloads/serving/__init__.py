"""The scoring service: registered forecasts behind MLflow's protocol, and a client that measures it."""
