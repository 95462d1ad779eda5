//! What the programs that verify the real objects have in common.

pub mod broken;
pub mod differential;
pub mod event;
pub mod linearizability;
pub mod op;
pub mod stress;
pub mod task;
pub mod wait;
