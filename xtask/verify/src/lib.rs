//! What the programs have in common that check the real thing.

pub mod differential;
pub mod event;
pub mod linearizability;
pub mod spec;
pub mod stress;
pub mod wait;
