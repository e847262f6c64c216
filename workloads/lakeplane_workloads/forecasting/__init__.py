"""Day-ahead forecasts of the grid's loads: one batched fit, one tracked run, one judged model version."""
