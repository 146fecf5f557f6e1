"""Forms: what a step asks for. One object yields the fields of a page and the schema of the API.

Start with `fields` (the tree), then `reading` (from a file, every fault listed), `schema` (values checked and
converted), `visibility` (shown when) and `description` (the form as the API tells it).
"""
