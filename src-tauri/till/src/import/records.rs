//! Splits decoded text into records, chunk by chunk, quotes respected.
//! Our own rather than the csv crate's: a bad row is named by the physical line where it starts, which that
//! crate gives wrongly after CR LF and blank lines, and an unclosed quote must not swallow the memory.

use super::errors::ReadError;

/// The longest field that is kept; what exceeds it is counted, not stored.
pub const MAX_FIELD: usize = 8_192;
/// The most fields of a record that are kept.
pub const MAX_FIELDS: usize = 256;
/// What DOS programs write after the last line.
const END_OF_FILE: char = '\u{1a}';

/// One record: its fields end to end in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Physical line where it starts, from 1.
    pub line: u32,
    /// The file ended inside a quoted field.
    pub unclosed: bool,
    text: String,
    ends: Vec<(usize, usize)>,
    beyond: bool,
}

impl Record {
    /// How many fields there are, [`MAX_FIELDS`] at most.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field as written, without its quotes; empty where the record is shorter.
    pub fn field(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| end.0);
        self.ends.get(index).and_then(|end| self.text.get(start..end.0)).unwrap_or("")
    }

    /// Characters of a field, those left out included.
    pub fn chars(&self, index: usize) -> usize {
        self.ends.get(index).map_or(0, |end| end.1)
    }

    /// Whether something is written beyond the first `width` fields.
    pub fn overflows(&self, width: usize) -> bool {
        self.beyond || (width..self.len()).any(|index| !self.field(index).trim().is_empty())
    }

    /// Whether nothing is written in it.
    pub fn is_blank(&self) -> bool {
        !self.beyond && self.text.chars().all(|c| c.is_whitespace() || c == END_OF_FILE)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

/// The state between two chunks.
pub struct Splitter {
    separator: char,
    state: State,
    record: Record,
    field_chars: usize,
    line: u32,
    after_return: bool,
}

impl Splitter {
    /// A splitter at the start of a file.
    pub fn new(separator: char) -> Self {
        Self {
            separator,
            state: State::FieldStart,
            record: Record { line: 1, ..Record::default() },
            field_chars: 0,
            line: 1,
            after_return: false,
        }
    }

    /// Takes the next chunk and gives each record that it ends. Lines without a character are passed over.
    pub fn push(
        &mut self,
        text: &str,
        sink: &mut dyn FnMut(&Record) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for c in text.chars() {
            if std::mem::replace(&mut self.after_return, c == '\r') && c == '\n' {
                continue;
            }
            let newline = c == '\r' || c == '\n';
            self.line += u32::from(newline);
            match (self.state, c) {
                (State::Quoted, '"') => self.state = State::QuoteInQuoted,
                (State::Quoted, _) => self.store(if newline { '\n' } else { c }),
                (State::QuoteInQuoted, '"') => {
                    self.store('"');
                    self.state = State::Quoted;
                }
                _ if newline => self.end_record(sink)?,
                (_, c) if c == self.separator => self.end_field(),
                (State::FieldStart, '"') => self.state = State::Quoted,
                _ => {
                    self.store(c);
                    self.state = State::Plain;
                }
            }
        }
        Ok(())
    }

    /// Gives the last record, where the file does not end with a newline.
    pub fn finish(&mut self, sink: &mut dyn FnMut(&Record) -> Result<(), ReadError>) -> Result<(), ReadError> {
        self.record.unclosed = self.state == State::Quoted;
        self.end_record(sink)
    }

    fn store(&mut self, c: char) {
        self.field_chars += 1;
        if self.record.len() >= MAX_FIELDS {
            self.record.beyond |= !c.is_whitespace();
        } else if self.field_chars <= MAX_FIELD {
            self.record.text.push(c);
        }
    }

    fn end_field(&mut self) {
        if self.record.len() < MAX_FIELDS {
            self.record.ends.push((self.record.text.len(), self.field_chars));
        }
        self.field_chars = 0;
        self.state = State::FieldStart;
    }

    fn end_record(&mut self, sink: &mut dyn FnMut(&Record) -> Result<(), ReadError>) -> Result<(), ReadError> {
        let empty_line = self.record.len() == 0 && self.field_chars == 0 && !self.record.unclosed;
        self.end_field();
        let verdict = if empty_line { Ok(()) } else { sink(&self.record) };
        self.record.text.clear();
        self.record.ends.clear();
        self.record.beyond = false;
        self.record.line = self.line;
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&str]) -> Vec<(u32, Vec<String>)> {
        let mut records = Vec::new();
        let mut sink = |record: &Record| {
            records.push((record.line, (0..record.len()).map(|i| record.field(i).to_owned()).collect()));
            Ok(())
        };
        let mut splitter = Splitter::new(',');
        chunks.iter().for_each(|chunk| splitter.push(chunk, &mut sink).unwrap());
        splitter.finish(&mut sink).unwrap();
        records
    }

    #[test]
    fn a_record_is_named_by_the_line_where_it_starts() {
        let text = "a,b\r\n\r\n\"one\r\ntwo\",2\r\n3,4\n5,6\r7,8";
        let lines: Vec<u32> = split(&[text]).iter().map(|record| record.0).collect();
        assert_eq!(lines, [1, 3, 5, 6, 7]);
    }

    #[test]
    fn chunks_may_end_anywhere() {
        let text = "a,\"b \"\"quoted\"\" é\"\r\n\"x\r\ny\",z\r\n";
        let whole = split(&[text]);
        for (cut, _) in text.char_indices() {
            assert_eq!(split(&[&text[..cut], &text[cut..]]), whole, "cut at {cut}");
        }
        assert_eq!(whole[0].1, ["a", "b \"quoted\" é"]);
        assert_eq!(whole[1], (2, vec!["x\ny".to_owned(), "z".to_owned()]));
    }

    #[test]
    fn a_quote_inside_a_plain_field_is_a_character() {
        assert_eq!(split(&["5\" tube,\"a\"b\n"])[0].1, ["5\" tube", "ab"]);
    }

    #[test]
    fn what_is_too_long_is_counted_and_not_kept() {
        let text = "x".repeat(MAX_FIELD * 3);
        let mut splitter = Splitter::new(',');
        splitter.push(&text, &mut |_| Ok(())).unwrap();
        splitter
            .finish(&mut |record| {
                assert_eq!((record.field(0).len(), record.chars(0)), (MAX_FIELD, MAX_FIELD * 3));
                Ok(())
            })
            .unwrap();
    }
}
