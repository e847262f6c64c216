"""The simulated cloud: providers behind the real engine, a workspace's REST API, and one store for both.

One process serves all of it on loopback (`lakeplane.local.server`); `lakeplane.local.lifecycle` starts,
finds and stops it. `README.md` in this room lists what is simulated and what is not.
"""
