"""The Stages: every stay on a step, one closely, and any two side by side."""
