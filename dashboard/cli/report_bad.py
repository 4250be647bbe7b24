"""Report an output that you looked at and found bad: the rollout holds.

The report counts for the revision in force, until it is withdrawn (--withdraw) or another revision is in
force. It takes your personal token and the role oncall, engineering_owner or approver.

exit codes: 0 done · 1 refused, or no such report · 2 wrong usage · 3 no reason · 4 home unusable ·
5 reported before
"""

from argparse import ArgumentParser, Namespace

from dashboard.cli.guarded import add_home, add_token, opened, put
from dashboard.cli.output import say as print_safely
from dashboard.cli.words import counted


def configure(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("job", metavar="JOBID", help="the job, as telemetry names it")
    parser.add_argument("--reason", required=True, help="what is wrong with it, or why it is not")
    parser.add_argument("--withdraw", action="store_true", help="take every report of the job back")
    add_token(parser)
    add_home(parser)


def execute(arguments: Namespace) -> int:
    """Report it, or take the report back."""
    job, reason = arguments.job, arguments.reason
    with opened(arguments) as guarded:
        actor, service = guarded.actor(arguments), guarded.service
        if arguments.withdraw:
            count = service.withdraw_bad(actor, job, reason)
            record, words = {"job": job, "withdrawn": count}, f"withdrawn: {counted(count, 'report')}"
        else:
            number = service.report_bad(actor, job, reason)
            record = {"job": job, "report": number}
            words = f"report {number}: the rollout holds until it is withdrawn, or another revision in force"
    if arguments.json:
        put(record)
    else:
        print_safely(f"{words} (job `{job}`)")
    return 0
