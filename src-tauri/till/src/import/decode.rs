//! Turns a stream of bytes into text without holding the file.
//! A byte-order mark decides; else the first chunk that is not plain ASCII does: UTF-8 where most of its accents
//! are valid UTF-8, Windows-1252 otherwise. What the encoding cannot read becomes U+FFFD, which a row refuses.

use std::io::{ErrorKind, Read};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::errors::ReadError;

const CHUNK: usize = 64 << 10;

/// A stream being decoded.
pub struct Decoder<R> {
    source: R,
    chosen: Option<encoding_rs::Decoder>,
    held: Vec<u8>,
    bytes: u64,
    max: u64,
}

impl<R: Read> Decoder<R> {
    /// Nothing is read yet, and never much more than `max` bytes will be.
    pub fn new(source: R, max: u64) -> Self {
        Self { source, chosen: None, held: Vec::new(), bytes: 0, max }
    }

    /// Bytes read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lower-case name of the encoding; plain ASCII is `utf-8`.
    pub fn encoding(&self) -> &'static str {
        match self.chosen.as_ref().map_or("", |decoder| decoder.encoding().name()) {
            "windows-1252" => "windows-1252",
            "UTF-16LE" => "utf-16le",
            "UTF-16BE" => "utf-16be",
            _ => "utf-8",
        }
    }

    /// Appends the next 64 KiB to `text`. False once the stream has ended.
    pub fn next(&mut self, text: &mut String) -> Result<bool, ReadError> {
        let first = self.bytes == 0;
        let mut bytes = std::mem::take(&mut self.held);
        let ended = self.fill(&mut bytes)?;
        if first {
            self.take_mark(&mut bytes);
        }
        if self.chosen.is_none() {
            self.choose(&mut bytes, ended);
        }
        match &mut self.chosen {
            Some(decoder) => decode(decoder, &bytes, ended, text),
            None => text.extend(bytes.iter().map(|b| char::from(*b))),
        }
        Ok(!ended)
    }

    fn fill(&mut self, bytes: &mut Vec<u8>) -> Result<bool, ReadError> {
        let start = bytes.len();
        bytes.resize(start + CHUNK, 0);
        let mut filled = start;
        while let Some(free) = bytes.get_mut(filled..).filter(|free| !free.is_empty()) {
            match self.source.read(free) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let ended = filled < bytes.len();
        bytes.truncate(filled);
        self.bytes += (filled - start) as u64;
        if self.bytes > self.max {
            return Err(ReadError::TooLarge { size: self.bytes, max: self.max });
        }
        Ok(ended)
    }

    fn take_mark(&mut self, bytes: &mut Vec<u8>) {
        if let Some((encoding, length)) = Encoding::for_bom(bytes) {
            bytes.drain(..length);
            self.chosen = Some(encoding.new_decoder_without_bom_handling());
        }
    }

    /// Chooses from the first accents. A lone character cut by the end of the chunk waits for the next one.
    fn choose(&mut self, bytes: &mut Vec<u8>, ended: bool) {
        let signs = Signs::of(bytes);
        if signs.cut > 0 && signs.valid == 0 && signs.invalid == 0 && !ended {
            self.held = bytes.split_off(bytes.len() - signs.cut);
        } else if signs.valid > signs.invalid + usize::from(ended && signs.cut > 0) {
            self.chosen = Some(UTF_8.new_decoder_without_bom_handling());
        } else if signs.invalid > 0 || signs.cut > 0 {
            self.chosen = Some(WINDOWS_1252.new_decoder_without_bom_handling());
        }
    }
}

/// What a chunk looks like as UTF-8.
struct Signs {
    valid: usize,
    invalid: usize,
    /// Bytes of a character that the end of the chunk cuts.
    cut: usize,
}

impl Signs {
    fn of(bytes: &[u8]) -> Self {
        let mut signs = Self { valid: 0, invalid: 0, cut: 0 };
        for part in bytes.utf8_chunks() {
            signs.valid += part.valid().chars().filter(|c| !c.is_ascii()).count();
            if let Err(error) = std::str::from_utf8(part.invalid()) {
                match error.error_len() {
                    None if bytes.ends_with(part.invalid()) => signs.cut = part.invalid().len(),
                    _ => signs.invalid += 1,
                }
            }
        }
        signs
    }
}

fn decode(decoder: &mut encoding_rs::Decoder, bytes: &[u8], last: bool, text: &mut String) {
    let mut read = 0;
    loop {
        let rest = bytes.get(read..).unwrap_or_default();
        text.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(CHUNK).max(16));
        let (result, count, _) = decoder.decode_to_string(rest, text, last);
        read += count;
        if result == encoding_rs::CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str) {
        let mut decoder = Decoder::new(bytes, u64::MAX);
        let mut text = String::new();
        while decoder.next(&mut text).unwrap() {}
        (text, decoder.encoding())
    }

    #[test]
    fn each_encoding_is_recognised() {
        assert_eq!(decoded(b"nom"), ("nom".to_owned(), "utf-8"));
        assert_eq!(decoded("gélule".as_bytes()), ("gélule".to_owned(), "utf-8"));
        assert_eq!(decoded(b"\xef\xbb\xbfnom"), ("nom".to_owned(), "utf-8"));
        assert_eq!(decoded(b"g\xe9lule \x80"), ("gélule €".to_owned(), "windows-1252"));
        assert_eq!(decoded(b"\xff\xfen\0o\0"), ("no".to_owned(), "utf-16le"));
        assert_eq!(decoded(b"\xfe\xff\0n\0o"), ("no".to_owned(), "utf-16be"));
        assert_eq!(decoded(b"fin\xe9"), ("finé".to_owned(), "windows-1252"));
    }

    #[test]
    fn an_accent_cut_by_a_chunk_is_whole_again() {
        for shift in 0..4 {
            let text = "x".repeat(CHUNK - shift) + "é€😀" + &"é".repeat(CHUNK);
            assert_eq!(decoded(text.as_bytes()), (text, "utf-8"));
        }
        let mut late = vec![b'x'; CHUNK - 1];
        late.extend(b"\xe9 fin");
        assert_eq!(decoded(&late).1, "windows-1252");
    }

    #[test]
    fn one_broken_byte_does_not_change_the_encoding() {
        let mut bytes = "é è ê".as_bytes().to_vec();
        bytes.push(0xe9);
        bytes.extend(b" fin");
        assert_eq!(decoded(&bytes), ("é è ê\u{fffd} fin".to_owned(), "utf-8"));
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_refused() {
        let mut decoder = Decoder::new(std::io::repeat(b'a'), 100_000);
        let mut text = String::new();
        assert_eq!(decoder.next(&mut text), Ok(true));
        assert_eq!(decoder.next(&mut text), Err(ReadError::TooLarge { size: 2 * CHUNK as u64, max: 100_000 }));
    }
}
