"""Tell others what happened: webhooks, PagerDuty, Slack.

The audit chain is the only source. Each record that somebody selected is delivered at least once, in
a thread of its receiver alone: no change, no kill and no other receiver ever waits for it
(docs/notifications.md).
"""
