"""Rules about Azure Databricks: one file a rule, named by its code."""
