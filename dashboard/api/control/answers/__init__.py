"""What is answered, for the OpenAPI document; the contract tests hold every answer to it."""
