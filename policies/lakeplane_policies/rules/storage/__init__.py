"""Rules about storage: one file a rule, named by its code."""
