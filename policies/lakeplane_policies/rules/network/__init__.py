"""Rules about networks: one file a rule, named by its code."""
