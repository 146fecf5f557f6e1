"""The five lists 五张清单: drawn up, signed, publicised, performed row by row and checked; problems close by mail."""
