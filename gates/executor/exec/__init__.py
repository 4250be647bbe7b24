"""Run any executor under the controls: `slotgate exec`.

Start at `supervisor.run`. The command is a child in the same process group, with its stdin, its terminal
and its other descriptors as they are; stderr, and stdout where it is no terminal, pass through pipes of
ours. What is imported before the command starts is kept small: that is what a start costs.
"""
