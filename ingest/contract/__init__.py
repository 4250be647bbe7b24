"""What a telemetry line must be, and what becomes of each line."""
