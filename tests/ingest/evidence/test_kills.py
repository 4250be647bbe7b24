"""What telemetry shows of a kill: stubs since, calls since, calls that were in flight."""

from collections.abc import Callable

from gates.verdict.evidence import KillFacts
from ingest.evidence import kill_facts
from tests.ingest.evidence.homes import NOW, SECOND, START, Home, in_force, line, removed, stub

KILL = in_force(2, 1_000, kill=True)


def facts(home: Home, now_ns: int = NOW) -> KillFacts | None:
    with home.store.cursor() as cursor:
        return kill_facts(cursor, now_ns, SECOND)


def at(after_s: float) -> int:
    return START + round(after_s * SECOND)


def test_without_a_kill(home: Home) -> None:
    assert facts(home) is None


def test_a_kill_that_is_still_to_come(make_home: Callable[..., Home]) -> None:
    assert facts(make_home(in_force(1), KILL), at(999)) is None


def test_before_anything_came(make_home: Callable[..., Home]) -> None:
    found = facts(make_home(in_force(1), KILL))
    assert found is not None
    assert (found.revision, found.engaged_ns, found.released_ns) == (2, at(1_000), None)
    assert (found.stubbed_since, found.first_stub_ns, found.openai_since, found.sources) == (0, None, 0, ())


def test_stubs_calls_in_flight_and_calls_since(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), KILL)
    home.put(
        [
            line("ended before", 990),
            line("in flight", 1_010, ms=20_000),
            line("within the skew", 1_000.9, ms=0),
            stub("stale", "KILL_SWITCH", 999),
            stub("probe:1", "KILL_SWITCH", 1_020),
            stub("other", "NOT_ALLOWLISTED", 1_021),
        ]
    )
    found = facts(home)
    assert found is not None
    assert (found.stubbed_since, found.first_stub_ns) == (1, at(1_020))
    assert (found.openai_since, found.in_flight, found.in_flight_ended_ns) == (0, 2, at(1_010))
    assert found.last_openai_start_ns == at(1_000.9)
    home.put([line("breach", 1_031, ms=0, code="OPENAI_HTTP_ERROR"), line("x", 1_032, ms=0, status="STUB")])
    found = facts(home)
    assert found is not None
    assert (found.openai_since, found.last_openai_start_ns) == (2, at(1_032))


def test_each_source_by_itself_and_imported_ones_not_at_all(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), KILL)
    home.put([line("a", 990), stub("b", "KILL_SWITCH", 1_001)], "spool/a.log")
    home.put(line("c", 995), "spool/b.log")
    home.put(line("of long ago", -90_000), "spool/c.log")
    home.put([stub("d", "KILL_SWITCH", 1_001), line("e", 1_100)], "imported.log")
    found = facts(home)
    assert found is not None
    assert [(one.source.rsplit("/", 1)[1], one.stubbed_since, one.openai_since) for one in found.sources] == [
        ("a.log", 1, 0),
        ("b.log", 0, 0),
    ]
    assert found.stubbed_since == 1
    assert found.last_openai_start_ns == at(995) - SECOND // 10


def test_neighbouring_stops_are_one_kill(make_home: Callable[..., Home]) -> None:
    home = make_home(
        in_force(1),
        KILL,
        removed(2, 1_100),
        in_force(3, 1_200, kill=True),
        in_force(4, 1_300),
        in_force(5, 1_400),
    )
    home.put([stub("a", "KILL_SWITCH", 1_250), stub("late", "KILL_SWITCH", 1_301), line("after", 1_350)])
    found = facts(home)
    assert found is not None
    assert (found.revision, found.engaged_ns, found.released_ns) == (2, at(1_000), at(1_300))
    assert (found.stubbed_since, found.openai_since, found.in_flight) == (1, 0, 0)


def test_the_newest_of_two_kills(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), KILL, in_force(3, 1_100), removed(3, 1_200))
    found = facts(home)
    assert found is not None
    assert (found.revision, found.engaged_ns, found.released_ns) == (3, at(1_200), None)
    earlier = facts(home, at(1_150))
    assert earlier is not None
    assert (earlier.revision, earlier.released_ns) == (2, at(1_100))


def test_leave_that_ends_is_a_kill_from_then_on(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1), KILL, in_force(3, 1_100, denies_from_ns=at(1_200)))
    home.put([line("with leave", 1_150), stub("after", "KILL_SWITCH", 1_201)])
    found = facts(home)
    assert found is not None
    assert (found.revision, found.engaged_ns, found.released_ns) == (3, at(1_200), None)
    assert (found.stubbed_since, found.openai_since) == (1, 0)


def test_a_history_that_begins_killed(make_home: Callable[..., Home]) -> None:
    home = make_home(in_force(1, kill=True))
    home.put(stub("probe:1", "KILL_SWITCH", 5))
    found = facts(home)
    assert found is not None
    assert (found.engaged_ns, found.stubbed_since, found.last_openai_start_ns) == (START, 1, None)


def test_untimed_lines_inside_a_kill_count_where_their_neighbours_place_them(
    make_home: Callable[..., Home],
) -> None:
    home = make_home(in_force(1), KILL)
    untimed = line("breach").split(" F ")[1]
    home.put([stub("a", "KILL_SWITCH", 1_010), untimed, stub("b", "KILL_SWITCH", 1_011)])
    found = facts(home)
    assert found is not None
    assert (found.openai_since, found.stubbed_since) == (1, 2)
