"""Names of the scoring service that both layers use: the identity trusts them, the cluster holds them."""

from __future__ import annotations

__all__ = ["NAMESPACE", "SERVICE_ACCOUNT"]

NAMESPACE = "serving"
SERVICE_ACCOUNT = "scoring"
