"""What a change does: every difference between two revisions, by dimension and direction."""

from gates.policy.delta import Delta, Dimension, Direction
from gates.policy.scope import least_excess
from gates.policy.values import ENDLESS, ControlValues, RuleValues

__all__ = ["Delta", "Dimension", "Direction", "diff", "widens"]


def diff(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    """Every difference from `before` to `after`; empty when they mean the same."""
    return tuple(
        delta
        for compare in (_kill, _feature, _percent, _rollout_zero, _allowlist, _scope, _validity, _step)
        for delta in compare(before, after)
    )


def widens(deltas: tuple[Delta, ...]) -> bool:
    """Whether any difference lets more jobs through."""
    return any(delta.direction is Direction.WIDENS for delta in deltas)


def _kill(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    # A release that ends by itself lets through less than one that does not.
    if before.released_until_ns == after.released_until_ns:
        return ()
    direction = _towards(before.released_until_ns, after.released_until_ns)
    return (Delta(Dimension.KILL, direction, f"kill switch {_release(before)} → {_release(after)}"),)


def _feature(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.feature == after.feature:
        return ()
    direction = Direction.WIDENS if after.feature else Direction.NARROWS
    return (Delta(Dimension.FEATURE, direction, f"feature {_on(before.feature)} → {_on(after.feature)}"),)


def _percent(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.percent == after.percent:
        return ()
    direction = _towards(before.admits_below, after.admits_below)
    everyone = " (0 means everyone here)" if after.admits_below != after.percent else ""
    return (Delta(Dimension.PERCENT, direction, f"percent {before.percent} → {after.percent}{everyone}"),)


def _rollout_zero(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.zero_means_everyone == after.zero_means_everyone:
        return ()
    # Percent 0 may come later; promising that it admits everyone is a widening from the start.
    direction = Direction.WIDENS if after.zero_means_everyone else Direction.NARROWS
    meaning = "everyone" if after.zero_means_everyone else "nobody"
    return (Delta(Dimension.ROLLOUT_ZERO, direction, f"percent 0 now means {meaning}"),)


def _allowlist(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.allowlist_enabled == after.allowlist_enabled:
        return ()
    direction = Direction.WIDENS if after.allowlist_enabled else Direction.NARROWS
    words = f"allowlist {_on(before.allowlist_enabled)} → {_on(after.allowlist_enabled)}"
    count = len(after.rules)
    return (
        Delta(Dimension.ALLOWLIST, direction, f"{words}, {count} enabled rule{'' if count == 1 else 's'}"),
    )


def _scope(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.rules == after.rules or before.allowlist_enabled != after.allowlist_enabled:
        return ()  # switching the allowlist is one difference, whatever the rules are
    if not after.allowlist_enabled:
        return (Delta(Dimension.ALLOWLIST, Direction.NEUTRAL, "rules edited while the allowlist is off"),)
    return (
        *_reaches(after.rules, before.rules, Direction.WIDENS, "+"),
        *_reaches(before.rules, after.rules, Direction.NARROWS, "-"),
    )


def _reaches(
    rules: tuple[RuleValues, ...], over: tuple[RuleValues, ...], direction: Direction, sign: str
) -> tuple[Delta, ...]:
    return tuple(
        Delta(
            Dimension(dimension.value), direction, f"{dimension.value} {sign} {words} (rule `{rule.rule_id}`)"
        )
        for rule in rules
        for dimension, words in least_excess(rule, over).items()
    )


def _validity(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.valid_until_ns == after.valid_until_ns:
        return ()
    direction = _towards(
        ENDLESS if before.valid_until_ns is None else before.valid_until_ns,
        ENDLESS if after.valid_until_ns is None else after.valid_until_ns,
    )
    return (Delta(Dimension.VALIDITY, direction, "how long executors may rely on these controls"),)


def _step(before: ControlValues, after: ControlValues) -> tuple[Delta, ...]:
    if before.step == after.step:
        return ()
    return (Delta(Dimension.STEP, Direction.NEUTRAL, f"step {before.step} → {after.step}"),)


def _towards(before: int, after: int) -> Direction:
    if after > before:
        return Direction.WIDENS
    return Direction.NARROWS if after < before else Direction.NEUTRAL


def _release(controls: ControlValues) -> str:
    until = "" if controls.break_glass_until_ns is None else " for a limited time"
    return "on" if controls.kill else f"off{until}"


def _on(value: bool) -> str:
    return "on" if value else "off"
