"""Where a rollout stands, and what may change: pure rules over controls (CONTRACTS sections 7 and 8)."""

from gates.policy.ladder import ZeroAdmits, derive_step

__all__ = ["ZeroAdmits", "derive_step"]
