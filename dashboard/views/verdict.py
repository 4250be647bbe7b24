"""The live verdict in the first screen: word, sentence, next action, and how old it is.

It is what the server's watch saw last: drawing it asks nothing and waits for nothing.
"""

from datetime import tzinfo

from dashboard.data import format as words
from dashboard.server.watch import Watched
from dashboard.views.markup import glyph, moment, tag, text
from dashboard.views.prose import prose
from dashboard.views.why import reasons, where_to_act
from gates.verdict.verdict import Verdict
from gates.verdict.words import VerdictWord

SIGNS = {
    VerdictWord.KILLED: "■",
    VerdictWord.ROLL_BACK: "▼",
    VerdictWord.HOLD: "❚❚",
    VerdictWord.EXPAND: "▲",
    VerdictWord.NOT_ENOUGH_DATA: "…",
}
CLASSES = {
    VerdictWord.KILLED: "sg-v-killed",
    VerdictWord.ROLL_BACK: "sg-v-roll-back",
    VerdictWord.HOLD: "sg-v-hold",
    VerdictWord.EXPAND: "sg-v-expand",
    VerdictWord.NOT_ENOUGH_DATA: "sg-v-data",
}
OLD_AFTER_SECONDS = 60
REASONS_AT_ONCE = 3


def verdict_line(watched: Watched, revision: int | None, now_ns: int, zone: tzinfo) -> str:
    """The verdict as markup; `revision` is the one in force, null where that is not known."""
    return "".join((_done(watched, zone), _panel(watched, revision, now_ns)))


def _panel(watched: Watched, revision: int | None, now_ns: int) -> str:
    reviewed = watched.reviewed
    if reviewed is None:
        if watched.failure is not None:
            return _box("sg-v-data", "?", "NO VERDICT", f"it cannot be formed: {watched.failure}", "")
        if watched.nothing is not None:
            return _box("sg-v-data", "○", "NO VERDICT", watched.nothing, "")
        return _box("sg-v-data", "…", "NO VERDICT YET", "the first one follows in some seconds", "")
    verdict = reviewed.verdict
    age = (now_ns - reviewed.question.now_ns) / 1e9
    notes = []
    if watched.failure is not None:
        notes.append(_warn(f"no newer one can be formed: {watched.failure}"))
    elif watched.nothing is not None:
        notes.append(_warn(f"no newer one follows: {watched.nothing}"))
    if revision is not None and revision != reviewed.question.revision:
        notes.append(_warn(f"of revision {reviewed.question.revision}; that of {revision} follows"))
    elif age > OLD_AFTER_SECONDS:
        notes.append(_warn(f"judged {words.ago(age)}"))
    else:
        notes.append(tag("span", text(f"judged {words.ago(age)}")))
    return _box(
        CLASSES[verdict.word],
        SIGNS[verdict.word],
        verdict.word.replace("_", " "),
        _without_word(verdict),
        reasons(reviewed.question, verdict, REASONS_AT_ONCE)
        + tag(
            "p",
            tag("b", "Next: "),
            prose(verdict.next_action),
            " · ",
            where_to_act(reviewed.question, verdict),
            cls="sg-v-next",
        )
        + tag("p", *notes, cls="sg-v-age"),
    )


def _box(cls: str, sign: str, word: str, sentence: str, rest: str) -> str:
    head = tag("div", glyph(sign, "sg-v-sign"), tag("strong", text(word)), cls="sg-v-word")
    body = tag("div", tag("p", prose(sentence), cls="sg-v-sentence"), rest, cls="sg-v-body")
    return tag("section", head, body, cls=f"sg-verdict {cls}", aria_label="Verdict", data_verdict=word)


def _without_word(verdict: Verdict) -> str:
    """The sentence without the word, which stands beside it."""
    return verdict.sentence.removeprefix(f"{verdict.word.replace('_', ' ')}: ")


def _warn(said: str) -> str:
    return tag("span", glyph("▲", "sg-warn"), text(said), cls="sg-old")


def _done(watched: Watched, zone: tzinfo) -> str:
    """What the server did by itself, until it is restarted."""
    if watched.done is None or watched.done_ns is None:
        return ""
    at = moment(words.instant(watched.done_ns, zone), words.utc(watched.done_ns))
    said = tag("span", glyph("■", "sg-failed"), tag("b", "Done by the server itself"), " ", at, ": ")
    return tag("div", said, text(watched.done), cls="sg-done", role="alert")
