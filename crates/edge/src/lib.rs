//! What the HTTP dialects share: sessions, targets, bodies, failures, limits and the request log.
