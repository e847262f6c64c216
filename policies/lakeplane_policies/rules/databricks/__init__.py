"""Rules about databricks: one file a rule, named by its code."""
