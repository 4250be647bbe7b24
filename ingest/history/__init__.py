"""Which controls were in force when, and which a decision was taken under."""
