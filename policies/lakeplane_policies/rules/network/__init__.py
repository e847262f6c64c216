"""Rules about network: one file a rule, named by its code."""
