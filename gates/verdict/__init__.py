"""What the evidence of a step says. Pure: values in, a value out."""
