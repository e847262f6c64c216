"""Rules about kubernetes: one file a rule, named by its code."""
