"""The verdict: KILLED over ROLL BACK over HOLD over EXPAND over NOT ENOUGH DATA (DESIGN section 6).

What protects is asked before what lets go on, and only the last question can answer EXPAND: every
check of the step passed, nothing is missing, nothing holds. Unknown is never EXPAND.
"""

from gates.verdict.actions import next_action
from gates.verdict.evidence import Evidence
from gates.verdict.grounds import Grounds, grounds_of
from gates.verdict.question import Question
from gates.verdict.reasons import why, would_change
from gates.verdict.sentences import bound, sentence
from gates.verdict.verdict import CheckState, Verdict
from gates.verdict.words import VerdictWord


def judge(question: Question, evidence: Evidence) -> Verdict:
    """Judge the evidence by what the question asks for. Pure: the same answer for the same values."""
    grounds = grounds_of(question, evidence)
    word = _word(grounds)
    return Verdict(
        word=word,
        sentence=sentence(word, grounds),
        next_action=next_action(word, grounds),
        why=why(grounds),
        would_change=would_change(word, grounds),
        checks=grounds.checks,
        holds=grounds.holds,
        stops=grounds.stops,
        missing=grounds.missing,
        readiness=grounds.readiness,
        readiness_words=grounds.readiness_words,
        kill=grounds.kill,
        bound=bound(grounds),
    )


def _word(grounds: Grounds) -> VerdictWord:
    if grounds.killed:
        return VerdictWord.KILLED
    if grounds.stops or grounds.question.latched is not None:
        return VerdictWord.ROLL_BACK
    if grounds.holds:
        return VerdictWord.HOLD
    passed = all(check.state is CheckState.PASS for check in grounds.required)
    return VerdictWord.EXPAND if passed and not grounds.missing else VerdictWord.NOT_ENOUGH_DATA
