//! Whose token it is. The database is asked every time, so that a revocation counts at once; of tokens not known to be
//! good few at a time, so that whoever makes them up does not keep the tills from it.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use crate::{
    StoreError,
    secrets::{Hash, hash},
    store::{Bearer, Store},
};

/// Hexadecimal digits of a token.
const DIGITS: usize = 64;
/// Tokens asked about at once, of those not known.
const STRANGE: usize = 4;
/// Tokens remembered. Beyond that all are forgotten: they are known again as soon as they are heard.
const KNOWN: usize = 10_000;

/// Tokens that were good when last heard.
pub(crate) struct Bearers {
    known: Mutex<HashSet<Hash>>,
    strange: Semaphore,
}

impl Default for Bearers {
    fn default() -> Self {
        Self { known: Mutex::default(), strange: Semaphore::new(STRANGE) }
    }
}

impl Bearers {
    /// Who bears a token. One that cannot be any is not asked about.
    pub async fn bearer(&self, store: &dyn Store, token: &str) -> Result<Option<Bearer>, StoreError> {
        if token.len() != DIGITS || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let token = hash(token.as_bytes());
        let _turn = if self.knows(&token) { None } else { self.strange.acquire().await.ok() };
        let found = store.bearer(token).await?;
        self.remember(token, found.is_some());
        Ok(found)
    }

    fn knows(&self, token: &Hash) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(token)
    }

    fn remember(&self, token: Hash, good: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !good {
            known.remove(&token);
            return;
        }
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(token);
    }
}
