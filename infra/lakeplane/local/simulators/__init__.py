"""One module a provider: which inputs it accepts, which ids it gives, what it answers and what it does."""
