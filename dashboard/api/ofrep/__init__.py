"""OpenFeature's Remote Evaluation Protocol (OFREP 0.3): any SDK asks the flag `slotgen_ai` over HTTP.

The protocol is the OpenAPI document of github.com/open-feature/protocol, version 0.3.0. `calls` has the two
calls, `question` reads what was asked, `answers` says it in the protocol's words.
"""
