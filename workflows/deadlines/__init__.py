"""Time as law: working days, limits, lights and recurrences. Pure: no database, no clock but the one passed in.

Start with `calendar` (which days count), then `rules` (how a date follows from a rule), then `explanation` and
`recount` (how the date is shown and checked). `docs/deadlines.md` tells the same to people.
"""
