//! What holds on both engines.

mod cancel;
mod engines;
mod postgres;
