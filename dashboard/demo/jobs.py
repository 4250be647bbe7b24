"""Job specs as a content pipeline for schools would send them. Seeded: the same seed, the same jobs."""

import random
from typing import Any

# Subject, level, board, spec version, and how much of the traffic it is.
COURSES: tuple[tuple[str, str, str, str, int], ...] = (
    ("Biology", "GCSE", "AQA", "2016", 70),
    ("Chemistry", "GCSE", "AQA", "2016", 14),
    ("Physics", "GCSE", "AQA", "2016", 8),
    ("Biology", "GCSE", "OCR", "2016", 6),
    ("Chemistry", "GCSE", "OCR", "2016", 4),
    ("Biology", "A-level", "AQA", "2016", 6),
    ("Chemistry", "A-level", "OCR", "2016", 4),
    ("Physics", "GCSE", "AQA", "2018", 7),
    ("Mathematics", "GCSE", "Edexcel", "2015", 4),
    ("English Literature", "GCSE", "AQA", "2015", 2),
)
KINDS = {"explanatory": 75, "assessment": 20, "statutory": 5}
SLOTS = {
    "summary": 55,
    "key-terms": 14,
    "worked-example": 10,
    "misconceptions": 8,
    "exit-quiz": 6,
    "starter": 4,
    "extension-task": 3,
}
TOPICS = {
    "Biology": ("Cell structure", "Photosynthesis", "Inheritance", "Homeostasis", "Ecosystems"),
    "Chemistry": ("Bonding", "Rates of reaction", "Electrolysis", "Organic chemistry", "Atomic structure"),
    "Physics": ("Forces", "Waves", "Electricity", "Energy stores", "Radioactivity"),
    "Mathematics": ("Ratio", "Quadratics", "Probability", "Vectors"),
    "English Literature": ("Macbeth", "An Inspector Calls", "Power and conflict"),
}
OPT_IN = 0.9
SEVERAL_JOBS = 0.08
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Jobs:
    """An endless supply of job specs."""

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a script, not a secret

    def spec(self, at_ns: int) -> dict[str, Any]:
        """The next `slot-generation.v1` document, made at `at_ns`."""
        subject, level, board, version, _ = self._dice.choices(COURSES, [course[4] for course in COURSES])[0]
        topic = self._dice.choice(TOPICS[subject])
        several = self._dice.random() < SEVERAL_JOBS
        return {
            "version": "v1",
            "jobId": self._identity(at_ns),
            "appliesTo": {
                "subject": subject,
                "level": level,
                "board": board,
                "specVersion": version,
                "topic": topic,
            },
            "jobs": [self._job(at_ns, topic) for _ in range(self._dice.randint(2, 3) if several else 1)],
            "metadata": {
                "requiresReview": self._dice.random() < 0.3,
                "allowAI": self._dice.random() < OPT_IN,
            },
        }

    def _job(self, at_ns: int, topic: str) -> dict[str, Any]:
        slot = self._dice.choices(list(SLOTS), list(SLOTS.values()))[0]
        return {
            "jobId": self._identity(at_ns),
            "slotId": slot,
            "kind": self._dice.choices(list(KINDS), list(KINDS.values()))[0],
            "mode": "generate",
            "input": {"topic": topic, "words": self._dice.choice((80, 120, 180, 250))},
            "output": {"field": "content", "type": "text"},
            "sources": [],
            "required": self._dice.random() < 0.7,
        }

    def _identity(self, at_ns: int) -> str:
        """A ULID: 48 bits of milliseconds, 80 of chance; so ids sort by time, as real ones do."""
        value = (at_ns // 1_000_000) << 80 | self._dice.getrandbits(80)
        return "job_" + "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))
