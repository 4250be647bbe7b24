"""Plays the live part: scene after scene, each until the verdict says what it is about.

The director waits by yielding seconds, so that the same script runs by this machine's clock and by
one that a test moves.
"""

from collections.abc import Callable, Generator, Iterator
from itertools import count

from dashboard.demo.deeds import Acknowledge, Deed
from dashboard.demo.office import Office
from dashboard.demo.scenes import EMERGENCY, INCIDENTS, ROUND, Place, Scene
from dashboard.demo.story import Trouble
from dashboard.demo.story_clock import SECOND_NS
from dashboard.errors import StoryBlocked
from gates.controls.instant import Clock
from gates.errors import GateError
from gates.verdict.words import VerdictWord
from schemas.stages import Step

LOOK_EVERY_S, ALARMED_AFTER_S = 3.0, 12.0
ACKNOWLEDGE = Acknowledge("what led to the kill is found and mended")
HANDS_OFF = "somebody else changes the controls; the demo leaves them as they are from now on"

Say = Callable[[str], None]


class Director:
    """The live part of the story at `office`. `trouble` is what is wrong at the moment."""

    def __init__(self, office: Office, clock: Clock, say: Say, look_every_s: float = LOOK_EVERY_S) -> None:
        self.trouble = Trouble.NONE
        self.hands_off = False
        self._office = office
        self._clock = clock
        self._say = say
        self._look_every_s = look_every_s
        self._said = ""

    def script(self) -> Iterator[float]:
        """Play for ever; yields how many seconds pass until it wants to go on."""
        self._reconciled()
        for number in count():
            yield from self._round(INCIDENTS[number % len(INCIDENTS)])

    def _round(self, incident: Trouble) -> Iterator[float]:
        """One round, from where the controls stand; cut short by a ROLL BACK that nobody foresaw."""
        if self._is_ours() and self._place() is Place.KILLED and self._office.latched():
            yield from self._deed(ACKNOWLEDGE)
        for scene in ROUND[self._first_scene() :]:
            word = yield from self._scene(scene, incident)
            if word is VerdictWord.ROLL_BACK is not scene.until and not self.hands_off:
                yield from self._scene(EMERGENCY, incident)
                return

    def _scene(self, scene: Scene, incident: Trouble) -> Generator[float, None, VerdictWord | None]:
        self.trouble = incident if scene.incident else scene.trouble
        if not self.hands_off or self.trouble is not Trouble.NONE:
            self._say(f"{scene.says}: {incident}" if scene.incident else scene.says)
        if scene.deed is not None:
            yield from self._deed(scene.deed)
        began_ns = self._clock()
        while True:
            word = self._look()
            passed_s = (self._clock() - began_ns) / SECOND_NS
            if passed_s >= scene.most_s or (passed_s >= scene.least_s and word is scene.until):
                return word
            if word is VerdictWord.ROLL_BACK is not scene.until and passed_s >= ALARMED_AFTER_S:
                return word
            yield self._look_every_s

    def _deed(self, deed: Deed) -> Iterator[float]:
        """Play it, unless somebody else changed the controls or asks to: who kills sees it stay killed."""
        try:
            if self._is_ours():
                for pause_s in self._office.play(deed):
                    yield pause_s
                    if not self._is_ours():
                        return
        except (GateError, StoryBlocked) as error:
            self._say(f"the demo's people could not do it: {error}")

    def _is_ours(self) -> bool:
        office = self._office
        if not self.hands_off and (not office.made_the_newest() or office.is_asked_by_somebody_else()):
            self.hands_off = True
            self._say(HANDS_OFF)
        return not self.hands_off

    def _look(self) -> VerdictWord | None:
        """Look at the review, and tell when its word changes; null where nobody can look."""
        try:
            review = self._office.review()
        except GateError as error:
            self._say(f"the review could not be noted: {error}")
            return None
        if review is not None and review.word != self._said:
            self._said = review.word
            self._say(f"  review: {review.sentence}")
        return None if review is None else review.word

    def _reconciled(self) -> None:
        """Mend what an interruption left."""
        try:
            self._office.reconcile()
        except GateError as error:
            self._say(f"the home could not be mended: {error}")

    def _first_scene(self) -> int:
        if not self._is_ours():
            return 0
        place = self._place()
        number = next(number for number, scene in enumerate(ROUND) if scene.place is place)
        # Nobody worked while the demo was stopped, and that holds; the next revision counts anew.
        return number + 1 if place is Place.STEADY and self._look() is VerdictWord.HOLD else number

    def _place(self) -> Place:
        """Where the controls stand."""
        newest = self._office.service.newest()
        if newest.after["kill"]:
            return Place.KILLED
        if newest.after["percent"] == 100:
            return Place.STEADY if newest.step == Step.STEADY else Place.AT_ALL
        return Place.INCIDENT_OVER if self._office.latched() else Place.AT_HALF
