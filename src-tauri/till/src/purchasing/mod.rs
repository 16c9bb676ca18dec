//! Buying: orders, what arrives for them or without one, lots named later, goods that go back.

mod arrival;
mod naming;
mod order_items;
pub mod order_view;
mod orders;
mod receiving;
mod returns;
pub mod suggest;
