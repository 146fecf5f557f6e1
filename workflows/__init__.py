"""The application: what people, messages and time may do to cases. Knows no Flask and no APScheduler.

Read ``tasks.py`` first (a use case), then ``running.py`` (the one path through the engine), ``steps.py`` (what a step
writes) and ``transaction.py`` (``run``, which holds the only commit). ``tables/`` are the records, ``store/`` reads and
writes them for use cases, ``queries/`` lists them for screens; ``engine/`` and ``deadlines/`` are pure.
"""
