"""What must hold between the events of tasks and the views kept of them: one query each, no row when well.

Beside the code that keeps the views, on purpose: these are written from what a view means, so that a
mistake there shows here. `slotgate doctor --invariants` runs them.
"""

from sqlalchemy import Connection, text

from gates.store.task_rows import Violation

INVARIANTS = {
    "every task has a view, and every view a task": """
        SELECT e.task_id FROM task_event e LEFT JOIN run_view v ON v.task_id = e.task_id
        WHERE v.task_id IS NULL
        UNION
        SELECT v.task_id FROM run_view v LEFT JOIN task_event e ON e.task_id = v.task_id
        WHERE e.task_id IS NULL
    """,
    "a task is created once, and first": """
        SELECT task_id FROM task_event GROUP BY task_id
        HAVING SUM(CASE WHEN kind = 'created' THEN 1 ELSE 0 END) <> 1
            OR MIN(CASE WHEN kind = 'created' THEN seq END) <> MIN(seq)
    """,
    "a view names the first and the last event": """
        SELECT v.task_id FROM run_view v
        JOIN (SELECT task_id, MIN(seq) AS first, MAX(seq) AS last FROM task_event GROUP BY task_id) e
            ON e.task_id = v.task_id
        WHERE v.created_seq <> e.first OR v.last_seq <> e.last
    """,
    "what ended a task first is final": """
        SELECT v.task_id FROM run_view v
        LEFT JOIN (SELECT task_id, MIN(seq) AS seq FROM task_event
                   WHERE kind IN ('completed', 'failed', 'exhausted', 'cancelled') GROUP BY task_id) e
            ON e.task_id = v.task_id
        WHERE COALESCE(e.seq, 0) <> COALESCE(v.terminal_seq, 0)
    """,
    "the state says how the task ended": """
        SELECT v.task_id FROM run_view v LEFT JOIN task_event e ON e.seq = v.terminal_seq
        WHERE COALESCE(e.kind, '') <> COALESCE(v.terminal_kind, '')
            OR CASE COALESCE(e.kind, '')
                WHEN '' THEN CASE WHEN v.state IN ('queued', 'leased') THEN v.state ELSE '' END
                WHEN 'completed' THEN 'completed' WHEN 'cancelled' THEN 'cancelled' ELSE 'failed'
               END <> v.state
    """,
    "runs are counted without gaps, up to their limit": """
        SELECT v.task_id FROM run_view v
        LEFT JOIN (SELECT task_id, COUNT(*) AS claims, MAX(run) AS newest FROM task_event
                   WHERE kind = 'claimed' GROUP BY task_id) e
            ON e.task_id = v.task_id
        WHERE COALESCE(e.claims, 0) <> v.run OR COALESCE(e.newest, 0) <> v.run OR v.run > v.most_runs
    """,
    "no run begins before the one before it is over": """
        SELECT c.task_id FROM task_event c
        JOIN task_event p ON p.seq = (
            SELECT MAX(x.seq) FROM task_event x
            WHERE x.task_id = c.task_id AND x.seq < c.seq
                AND x.kind IN ('claimed', 'heartbeat', 'rebased', 'released'))
        WHERE c.kind = 'claimed' AND p.kind <> 'released' AND p.at_ns + p.lease_ns > c.at_ns
    """,
    "a lease is that of the newest run, and nobody else holds a task": """
        SELECT v.task_id FROM run_view v
        LEFT JOIN task_event e ON e.seq = (
            SELECT MAX(x.seq) FROM task_event x
            WHERE x.task_id = v.task_id AND x.kind IN ('claimed', 'heartbeat', 'rebased', 'released'))
        WHERE CASE
            WHEN v.terminal_seq IS NOT NULL OR e.kind IS NULL OR e.kind = 'released' THEN
                CASE WHEN v.state <> 'leased' AND v.actor_id IS NULL AND v.renewed_at_ns IS NULL
                    AND v.lease_until_ns IS NULL THEN 0 ELSE 1 END
            WHEN v.state = 'leased' AND v.actor_id IS NOT NULL AND v.run = e.run
                AND v.renewed_at_ns = e.at_ns AND v.lease_until_ns = e.at_ns + e.lease_ns THEN 0
            ELSE 1 END = 1
    """,
    "a completed task has its result": """
        SELECT v.task_id FROM run_view v
        LEFT JOIN task_artifact a ON a.task_id = v.task_id AND a.run = v.run
        WHERE v.state = 'completed' AND (a.digest IS NULL OR COALESCE(v.artifact_digest, '') <> a.digest)
    """,
}
"""In words, and as SQL that gives the ids of the tasks that break it."""


def violations(connection: Connection) -> tuple[Violation, ...]:
    """What breaks an invariant, by invariant and task."""
    return tuple(
        Violation(words, str(task_id))
        for words, query in INVARIANTS.items()
        for task_id in sorted(set(connection.execute(text(query)).scalars()))
    )
