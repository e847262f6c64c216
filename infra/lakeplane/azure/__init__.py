"""Azure itself, asked over its REST interface: what stands in the way of an `up`, and what it starts from."""
