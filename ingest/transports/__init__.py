"""What carried a line here: each transport in its own module, told apart line by line.

Every module has `parse(line: bytes) -> Message | None`, or, where a line may carry several messages,
`messages(text: bytes) -> Iterable[Message] | None`; None means "not mine". `detect.parse` asks those that the
line's first byte allows, and answers always.
"""
