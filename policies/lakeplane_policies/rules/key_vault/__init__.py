"""Rules about key vaults: one file a rule, named by its code."""
