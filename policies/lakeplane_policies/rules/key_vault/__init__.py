"""Rules about key vault: one file a rule, named by its code."""
