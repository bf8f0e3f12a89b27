//! The nouns of a telephone directory and their rules: no I/O, no async, no wire formats.
