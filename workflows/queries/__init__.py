"""Lists and look-ups for pages and the API: SQL that reads, filtered by what the actor may see."""
