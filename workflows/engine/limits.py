"""What an uploaded file may cost before anybody has looked at it: sizes that real diagrams stay far below.

Limits are data handed in, never globals: a test or an installation that needs others passes its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds for one file.

    ``max_elements`` counts BPMN elements (the reader checks it), ``max_xml_nodes`` every XML element with the
    drawing: a chain of 1,000 drawn tasks has about 10,000 of them. ``max_depth`` is the nesting of XML elements,
    well below the 256 at which libxml2 stops by itself.
    """

    max_bytes: int = 10 * 1024 * 1024
    max_elements: int = 10_000
    max_depth: int = 50
    max_xml_nodes: int = 200_000
    max_attributes: int = 500  # of one element
    max_expression_length: int = 4_096
    max_id_length: int = 100
    max_scope_path: int = 600  # characters of the longest key of anything inside
    max_nesting: int = 20  # sub-processes inside one another
    max_instances: int = 500  # multi-instance bodies inside their case
    max_child_cases: int = 20_000  # multi-instance bodies that are cases of their own
