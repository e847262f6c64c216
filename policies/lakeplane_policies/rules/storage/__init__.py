"""Rules about storage accounts: one file a rule, named by its code."""
