"""The names of the field's four variables. Nothing else: `slotgate exec` imports it before anything."""

FEATURE = "FEATURE_SLOTGEN_AI"
KILL = "SLOTGEN_AI_KILL"
PERCENT = "SLOTGEN_AI_ROLLOUT_PERCENT"
ALLOWLIST = "SLOTGEN_ALLOWLIST_PATH"
ALL = (FEATURE, KILL, PERCENT, ALLOWLIST)
