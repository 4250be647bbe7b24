"""A live demonstration: a home, executors at work, and a stand-in for the model's server."""
