"""What calls to the model cost, and whether a day's budget is used up. Pure: values in, values out."""
