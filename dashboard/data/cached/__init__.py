"""The only room that caches, one file a page. Every input of a cached function is an argument that counts.

A page refreshes every two seconds. `tick` is that moment, rounded, so that any number of readers of one
view cost one pass; `generation` is the last change of the telemetry, and `deeds` counts the commands that
pages carried out, so that nobody sees an old view after either. What stands for something that cannot
be compared, as the store, begins with `_` and has a name beside it.
"""
