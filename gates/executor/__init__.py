"""Run one job spec: decide, call the model or answer with the stub, one telemetry line.

Start at `run.run_job`. `model.ModelClient` is the port to a model: `openai_client` is the real one,
`fake` its shipped stand-in.
"""
