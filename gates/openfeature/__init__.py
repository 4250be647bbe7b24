"""For programs that ask by the OpenFeature SDK: `provider.SlotgateProvider`, which decides in their process.

Nothing else of slotgate imports this: it needs the extra `openfeature`.
"""
