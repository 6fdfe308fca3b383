//! One reading of what can be spelt in many ways: addresses, URLs, paths, and the encodings they hide in.
//!
//! Two ways to read: strictly, where a text that two parsers could take for different things is not read at all ([`url`], [`path`]);
//! and as the most lenient reader would, where every possible reading is looked at ([`decode`], [`address::every_v4`]). Conditions ask the
//! strict one, so that doubt refuses; the search for attacks asks the lenient one.

pub(super) mod address;
pub(super) mod decode;
pub(super) mod path;
pub(super) mod url;
