//! What is said beside a blob, in the same object and in any order: `mimeType`.

use super::super::MaskError;

/// Longest type worth knowing, as written.
const TYPE_BYTES: usize = 128;

#[derive(Default)]
pub(crate) struct Kinds {
    /// The type being read, as written.
    reading: Option<Vec<u8>>,
    /// The depth of the object in which a type of text was named.
    text: Option<usize>,
    /// The depth of the object whose blob left unread.
    binary: Option<usize>,
}

impl Kinds {
    /// A string begins under the member `name`.
    pub(crate) fn begins(&mut self, name: &[u8]) {
        self.reading = Self::are_told_by(name).then(Vec::new);
    }

    /// Whether the string under the member `name` tells a type.
    pub(crate) fn are_told_by(name: &[u8]) -> bool {
        name == b"mimeType"
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// More of the string, as written.
    pub(crate) fn feed(&mut self, written: &[u8]) {
        if let Some(reading) = &mut self.reading {
            let room = TYPE_BYTES.saturating_sub(reading.len());
            reading.extend(written.iter().take(room));
        }
    }

    /// The string ends, `depth` containers deep.
    pub(crate) fn ends(&mut self, depth: usize) -> Result<(), MaskError> {
        let Some(written) = self.reading.take() else { return Ok(()) };
        let mut read = crate::wire::escape::Unescaped::default();
        read.resolve(&written);
        if is_text(&read.text) {
            self.text = Some(depth);
            if self.binary == Some(depth) {
                return Err(MaskError::Binary);
            }
        }
        Ok(())
    }

    /// Whether the object `depth` deep has named a type of text.
    pub(crate) fn are_text(&self, depth: usize) -> bool {
        self.text == Some(depth)
    }

    /// The blob of the object `depth` deep left unread.
    pub(crate) fn was_binary(&mut self, depth: usize) {
        self.binary = Some(depth);
    }

    /// A container has ended; `depth` are left.
    pub(crate) fn closed(&mut self, depth: usize) {
        self.text = self.text.filter(|at| *at <= depth);
        self.binary = self.binary.filter(|at| *at <= depth);
    }
}

/// Whether a media type is one of text, in a charset that has ASCII in it or says nothing of it.
fn is_text(written: &[u8]) -> bool {
    const APPLICATION: &[&str] = &[
        "json",
        "xml",
        "yaml",
        "x-yaml",
        "toml",
        "javascript",
        "x-javascript",
        "ecmascript",
        "typescript",
        "x-typescript",
        "csv",
        "sql",
        "graphql",
        "x-ndjson",
        "ndjson",
        "jsonl",
        "x-jsonlines",
        "json-seq",
        "json5",
        "x-sh",
        "x-shellscript",
        "x-python",
        "x-httpd-php",
        "x-www-form-urlencoded",
        "x-pem-file",
        "rtf",
        "x-tex",
        "x-subrip",
        "hcl",
        "markdown",
    ];
    let text = String::from_utf8_lossy(written).to_ascii_lowercase();
    let essence = text.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some(("text", _)) => true,
        Some((_, sub)) if sub.ends_with("+json") || sub.ends_with("+xml") || sub.ends_with("+yaml") => true,
        Some(("application", sub)) => APPLICATION.contains(&sub),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_types_of_text() {
        for text in
            ["text/plain", "TEXT/HTML; charset=utf-8", "application/json", "image/svg+xml", "application/x-yaml", "application/ld+json"]
        {
            assert!(is_text(text.as_bytes()), "{text}");
        }
        for other in ["image/png", "application/pdf", "application/octet-stream", "", "text", "audio/wav"] {
            assert!(!is_text(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn goes_by_object() {
        let mut kinds = Kinds::default();
        let named = |kinds: &mut Kinds, depth, text: &[u8]| {
            kinds.begins(b"mimeType");
            kinds.feed(text);
            kinds.ends(depth)
        };
        named(&mut kinds, 3, b"text\\/plain").unwrap();
        assert!(kinds.are_text(3) && !kinds.are_text(2));
        kinds.closed(2);
        assert!(!kinds.are_text(3));
        kinds.was_binary(3);
        assert_eq!(named(&mut kinds, 3, b"image/png"), Ok(()));
        assert_eq!(named(&mut kinds, 3, b"text/csv"), Err(MaskError::Binary));
    }
}
