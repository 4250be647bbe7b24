"""What the benchmarks of the dashboard are made of: a home, a peer, readers without a window, a stop."""
