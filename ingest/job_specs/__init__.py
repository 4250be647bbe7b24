"""What runs told of their job specs, and whether the allowlists permit them."""
