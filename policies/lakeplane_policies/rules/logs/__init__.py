"""Rules about logs, alerts and budgets: one file a rule, named by its code."""
