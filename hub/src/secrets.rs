//! Tokens and one-time codes: shown once, kept only as SHA-256. They are looked up by hash, so that comparing them
//! tells nothing about them.

use officine_protocol::{clock::Entropy, value::hex};
use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// Letters and digits that nobody confuses when reading aloud.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ+";
const CODE_CHARS: usize = 8;

/// The hash kept of a secret or of frozen bytes.
pub fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// A bearer token: 256 random bits, hexadecimal.
pub fn token(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    hex(&bytes)
}

/// A one-time code to be typed: `XXXX-XXXX`, some 39 bits.
pub fn code(entropy: &dyn Entropy) -> String {
    let mut code = String::with_capacity(CODE_CHARS + 1);
    while code.len() < CODE_CHARS + 1 {
        let mut byte = [0];
        entropy.fill(&mut byte);
        let letter = char::from(ALPHABET[usize::from(byte[0] % 32)]);
        if letter == '+' {
            continue;
        }
        if code.len() == CODE_CHARS / 2 {
            code.push('-');
        }
        code.push(letter);
    }
    code
}

/// The hash of a code however it was typed: case, spaces and dashes do not count.
pub fn code_hash(typed: &str) -> Hash {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hash(plain.as_bytes())
}

/// Bytes as base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4_usize {
            let six = (group >> (18 - 6 * digit)) & 63;
            text.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[six as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemEntropy;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = code(&SystemEntropy);
        assert_eq!(code.len(), 9);
        assert_eq!(code_hash(&code), code_hash(&code.to_lowercase().replace('-', " ")));
        assert!(!code.contains(['0', 'O', '1', 'I', 'L']));
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, other) = (token(&SystemEntropy), token(&SystemEntropy));
        assert_eq!(one.len(), 64);
        assert_ne!(one, other);
    }

    #[test]
    fn base64_pads() {
        for (bytes, text) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
