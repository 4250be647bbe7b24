"""Many more worlds for the gate audit: every order of arrival leads to the findings of one audit."""

from hypothesis import settings

from tests.ingest.gate_audit.test_auditing import any_order_of_arrival, arrivals

test_any_order_of_arrival = settings(max_examples=2_000)(arrivals(any_order_of_arrival))
