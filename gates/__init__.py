"""The gate library: decide, publish and read the controls, run executors."""
