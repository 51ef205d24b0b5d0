"""Cards to a channel of Teams, or to whatever takes them, when something happens in a plan.

`addresses` says where cards may go, `posting` sends one, `cards` words them, and `events` finds out from the history
what happened and puts it into the outbox, which sends it (`plans.actions.outbox`).
"""
