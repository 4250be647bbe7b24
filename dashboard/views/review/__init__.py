"""Review & sign-off: what waits for whom, one request with its evidence, signing and applying it."""
