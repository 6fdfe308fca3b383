//! URL escapes (RFC 3986, 2.1; `+` within a number as forms write spaces, WHATWG URL, 5) and character references of HTML (WHATWG HTML, 13.5)
//! resolved. Of the named references those are here that stand for ASCII signs, spaces and dashes, or for nothing that is seen.

use memchr::memchr3;

use crate::wire::escape::Unit;

/// How often such escapes are resolved: `&amp;#52;` and `%2534` are `4` after two.
pub(crate) const TIMES: usize = 2;

/// Most digits of a numeric reference, leading zeros included.
const DIGITS: usize = 10;

/// The first escape at or after `from`. `before` is what the text so far ends with.
pub(crate) fn next(source: &[u8], from: usize, before: Option<u8>) -> Option<Unit> {
    let mut at = from;
    loop {
        at += memchr3(b'%', b'&', b'+', source.get(at..)?)?;
        let last = if at > from { source.get(at - 1).copied() } else { before };
        let unit = unit_at(source, at, last);
        if unit.is_some() {
            return unit;
        }
        at += 1;
    }
}

/// The escape that begins at `at`, behind the byte `last`.
pub(crate) fn unit_at(source: &[u8], at: usize, last: Option<u8>) -> Option<Unit> {
    let rest = source.get(at..)?;
    match rest.first()? {
        b'%' => percent(rest).map(|byte| Unit::byte(at, 3, byte)),
        b'&' => reference(rest).map(|(char, len)| Unit::char(at, len, char)),
        b'+' => {
            let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
            (is_digit(last.as_ref()) && is_digit(rest.get(1))).then(|| Unit::byte(at, 1, b' '))
        }
        _ => None,
    }
}

fn percent(rest: &[u8]) -> Option<u8> {
    let digit = |at: usize| rest.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

/// The character a reference at the beginning stands for, and its length. Readers take numeric ones without their semicolon, too.
fn reference(rest: &[u8]) -> Option<(char, usize)> {
    if rest.get(1) != Some(&b'#') {
        return named(rest);
    }
    let (radix, from) = if matches!(rest.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
    let digits = rest.get(from..)?.iter().map_while(|digit| char::from(*digit).to_digit(radix));
    let (count, value) = digits
        .take(DIGITS)
        .try_fold((0, 0u32), |(count, value), digit| Some((count + 1, value.checked_mul(radix)?.checked_add(digit)?)))?;
    let end = from + count;
    let char = char::from_u32(value).filter(|_| count > 0)?;
    Some((char, end + usize::from(rest.get(end) == Some(&b';'))))
}

fn named(rest: &[u8]) -> Option<(char, usize)> {
    let name = rest.get(1..)?;
    let end = name.iter().take(LONGEST + 1).position(|byte| *byte == b';')?;
    let name = name.get(..end)?;
    NAMED.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, char)| (*char, end + 2))
}

const LONGEST: usize = 14;

const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("ndash", '-'),
    ("mdash", '-'),
    ("minus", '-'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("numsp", ' '),
    ("hairsp", ' '),
    ("shy", '\u{AD}'),
    ("zwj", '\u{200D}'),
    ("zwnj", '\u{200C}'),
    ("ZeroWidthSpace", '\u{200B}'),
    ("NoBreak", '\u{2060}'),
];

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    fn unwrapped(text: &str) -> String {
        read(text, next)
    }

    #[test]
    fn urls_and_forms() {
        assert_eq!(unwrapped("q=jo%40example.com&c=4242+4242%204242+4242&x=a+b"), "q=jo@example.com&c=4242 4242 4242 4242&x=a+b");
        assert_eq!(unwrapped("%EF%BC%94"), "４");
        for text in ["100%", "5%2", "%zz", "%", "+1 555", "1 + 1"] {
            assert_eq!(unwrapped(text), text);
        }
        assert_eq!(unwrapped("%2534"), "%34");
    }

    #[test]
    fn character_references() {
        assert_eq!(unwrapped("&#52;&#x34;&#X0034;&#052 &#52"), "4444 4");
        assert_eq!(unwrapped("jo&commat;example&period;com &lt;&quot;&amp;&#x1F600;"), "jo@example.com <\"&😀");
        for text in ["&", "&;", "&#;", "&#x;", "&unknown;", "a&b;", "&#xD800;", "&#99999999999;", "&amp"] {
            assert_eq!(unwrapped(text), text);
        }
        assert_eq!(unwrapped("&amp;#52;"), "&#52;");
    }

    #[test]
    fn the_longest_name_is_known() {
        assert_eq!(NAMED.iter().map(|(name, _)| name.len()).max(), Some(LONGEST));
    }
}
