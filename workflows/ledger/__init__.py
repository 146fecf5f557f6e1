"""The ledger 账本: who did what when, in hash chains that can be checked without this system.

``record`` is called in the transaction of the change it tells of, one chain per ``stream``: ``case:<id>``,
``definition:<key>``, ``calendar``, ``people``, ``access``, ``logins``, ``config``, ``campaign:<id>``. Opinions and
personal texts are sealed first and enter a chain only as a salted commitment, so that purging them keeps it whole.
"""

from workflows.ledger.chain import record
from workflows.ledger.sealing import purge, purge_due, reference, seal

__all__ = ["purge", "purge_due", "record", "reference", "seal"]
