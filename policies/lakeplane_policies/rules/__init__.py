"""Rules about all areas: one file a rule, named by its code."""
