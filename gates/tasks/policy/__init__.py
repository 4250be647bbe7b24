"""What may be done to a task, and why not: pure, over the projection and what was asked alone."""
