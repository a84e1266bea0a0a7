"""The kinds of steps a flow is made of: one small class a kind.

    call.py         call                    variables.py    set
    snippets.py     run
    branches.py     if, try                 loops.py        for, break, continue
    asides.py       log, sleep              endings.py      return, fail

Each has `parse`, which reads the step from the document and notes problems, and `run`. A new
kind needs a class with both and an entry in `parsing.KINDS`.
"""
