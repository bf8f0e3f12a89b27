//! A real server on port 0, clients for each dialect, builders and a fixed clock; its tests hold the API suite.
