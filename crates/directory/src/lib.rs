//! The use cases: rules across records, authorisation, transactions, journal and events.
