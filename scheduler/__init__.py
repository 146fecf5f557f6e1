"""The clock door: finds what is due and calls the same use cases as the other doors.

APScheduler only ticks. What is due stands in the tables, so that nothing is lost when a process dies, and any number
of schedulers may run on one database: locks and unique keys let each thing happen once.
"""
