//! Money beside the sale: the shop's rules about it, customers' accounts, expenses, the drawer.

pub mod credit;
pub mod expenses;
pub mod means;
pub mod policy;
pub mod report;
pub mod session;
