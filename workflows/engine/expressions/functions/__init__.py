"""The functions of the language (DMN 1.5, 10.3.4), one module a kind of value."""
