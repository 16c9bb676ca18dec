//! Several tills and a hub together, and what holds the workspace in shape. One binary: one link, one harness.

mod direction;
