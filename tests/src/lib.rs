//! What the workspace's tests share.
