//! PINs: argon2id with the pharmacy's secret, and what follows wrong ones.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use officine_protocol::clock::Entropy;

use crate::{
    error::{Error, Result},
    refuse,
};

/// Shortest and longest PIN.
pub const LENGTH: (usize, usize) = (4, 8);
/// Wrong PINs before the first lock.
pub const TRIES: i64 = 5;
const LOCKS_MINUTES: [i64; 3] = [1, 5, 15];

/// Refuses what is not 4 to 8 digits.
pub fn check_form(pin: &str) -> Result<()> {
    let digits = pin.chars().all(|c| c.is_ascii_digit());
    if digits && (LENGTH.0..=LENGTH.1).contains(&pin.len()) {
        return Ok(());
    }
    refuse!("pin_invalid", min: LENGTH.0, max: LENGTH.1)
}

/// Hashes a PIN.
pub fn hash(pin: &str, secret: &str, entropy: &dyn Entropy) -> Result<String> {
    check_form(pin)?;
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let hash = hasher(secret)?.hash_password_with_salt(pin.as_bytes(), &salt).map_err(internal)?;
    Ok(hash.to_string())
}

/// Whether the PIN is the one that was hashed. Takes as long whatever the answer.
pub fn verify(pin: &str, secret: &str, hash: &str) -> Result<bool> {
    let Ok(parsed) = PasswordHash::new(hash) else { return Ok(false) };
    Ok(hasher(secret)?.verify_password(pin.as_bytes(), &parsed).is_ok())
}

/// How long, in minutes, the n-th wrong PIN in a row locks: 5 tries, then 1, 5 and 15 minutes.
pub fn lock_minutes(failed: i64) -> Option<i64> {
    let step = usize::try_from(failed - TRIES).ok()?;
    Some(LOCKS_MINUTES[step.min(LOCKS_MINUTES.len() - 1)])
}

/// Until when a lock still holds. One that lasts longer than any does was written by a clock that was ahead: it does not.
pub fn locked(until: Option<i64>, now: i64) -> Option<i64> {
    let longest = LOCKS_MINUTES[LOCKS_MINUTES.len() - 1] * 60_000;
    until.filter(|until| (1..=longest).contains(&until.saturating_sub(now)))
}

fn hasher(secret: &str) -> Result<Argon2<'_>> {
    Argon2::new_with_secret(secret.as_bytes(), Algorithm::Argon2id, Version::V0x13, Params::default()).map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::refused("internal", officine_protocol::params! { detail: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;

    #[test]
    fn a_pin_opens_only_with_the_pharmacys_secret() {
        let hashed = hash("2580", "secret", &SystemEntropy).unwrap();
        assert!(verify("2580", "secret", &hashed).unwrap());
        assert!(!verify("2581", "secret", &hashed).unwrap());
        assert!(!verify("2580", "other", &hashed).unwrap());
        assert!(!verify("2580", "secret", "not a hash").unwrap());
    }

    #[test]
    fn five_tries_then_one_five_and_fifteen_minutes() {
        let locks: Vec<_> = (1..=9).map(lock_minutes).collect();
        assert_eq!(locks, [None, None, None, None, Some(1), Some(5), Some(15), Some(15), Some(15)]);
    }

    #[test]
    fn a_pin_is_four_to_eight_digits() {
        for pin in ["123", "123456789", "12a4", ""] {
            assert_eq!(check_form(pin).unwrap_err().code(), "pin_invalid");
        }
        assert!(check_form("0000").is_ok());
    }
}
