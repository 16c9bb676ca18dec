//! GS1 Digital Link: the same fields written as a web address, which some QR codes carry.

/// Whether a text is a web address.
pub fn is_link(text: &str) -> bool {
    let scheme = text.get(..8).or_else(|| text.get(..7)).unwrap_or_default().to_ascii_lowercase();
    scheme.starts_with("https://") || scheme.starts_with("http://")
}

/// The identifiers and values of an address, in order; none if it holds no GS1 key.
pub fn pairs(address: &str) -> Option<Vec<(String, String)>> {
    let (_, rest) = address.split_once("://")?;
    let (rest, _) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').skip(1).collect();
    let key = segments.iter().position(|segment| matches!(*segment, "00" | "01"))?;
    let mut pairs = Vec::new();
    for pair in segments.get(key..)?.chunks(2) {
        let [identifier, value] = pair else { return None };
        pairs.push(((*identifier).to_owned(), decoded(value)?));
    }
    for (name, value) in query.split(['&', ';']).filter_map(|pair| pair.split_once('=')) {
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            pairs.push((name.to_owned(), decoded(value)?));
        }
    }
    Some(pairs)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            bytes.push(hex(rest.next()?)? * 16 + hex(rest.next()?)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
