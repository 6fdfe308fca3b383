//! A file as bytes, whatever it was compressed with.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

const ROOM: usize = 256 * 1024;
/// RFC 1952, section 2.3.1
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// RFC 8878, section 3.1.1
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What logs are rotated into as well, and is not read: as bytes it would be a log without a record.
const OTHERS: [(&[u8], &str, &str); 3] = [
    (b"BZh", "bzip2", "bzcat"),
    // The .xz file format, section 2.1.1.1
    (&[0xfd, b'7', b'z', b'X', b'Z', 0], "xz", "xzcat"),
    // The LZ4 frame format
    (&[0x04, 0x22, 0x4d, 0x18], "LZ4", "lz4cat"),
];

/// What a file is compressed with is told by its first bytes: names change when logs are rotated.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let raw: Box<dyn Read> = if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
    bytes(raw)
}

pub(super) fn bytes(raw: Box<dyn Read>) -> io::Result<Box<dyn BufRead>> {
    let mut raw = BufReader::with_capacity(ROOM, raw);
    let head = raw.fill_buf()?;
    if let Some((_, name, tool)) = OTHERS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        let message =
            format!("it is compressed with {name}; gzip and Zstandard are read: `{tool} FILE | portcullisctl audit verify ... -`");
        return Err(io::Error::new(io::ErrorKind::Unsupported, message));
    }
    if head.starts_with(&GZIP) {
        Ok(Box::new(BufReader::with_capacity(ROOM, MultiGzDecoder::new(raw))))
    } else if head.starts_with(&ZSTD) {
        Ok(Box::new(BufReader::with_capacity(ROOM, Zstd { raw, frame: FrameDecoder::new(), within: false })))
    } else {
        Ok(Box::new(raw))
    }
}

/// Frames one after the other: what is appended to a compressed log is a frame of its own.
struct Zstd<R> {
    raw: R,
    frame: FrameDecoder,
    within: bool,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if self.within {
                while self.frame.can_collect() == 0 && !self.frame.is_finished() {
                    self.frame.decode_blocks(&mut self.raw, BlockDecodingStrategy::UptoBlocks(1)).map_err(damaged)?;
                }
                let count = self.frame.read(into)?;
                if count > 0 {
                    return Ok(count);
                }
                self.within = false;
            }
            if self.raw.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.frame.init(&mut self.raw) {
                Ok(()) => self.within = true,
                // RFC 8878, section 3.1.2: to be stepped over.
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.raw).take(length.into()), &mut io::sink())?;
                }
                Err(err) => return Err(damaged(err)),
            }
        }
    }
}

fn damaged(err: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the Zstandard data is damaged or ends early: {err}"))
}
