//! What a field is checked for, told under its name: no value of it.

/// What frameworks are told to check a field for, `required|min:8|confirmed`, `required,min=8`, or of which type it is: `String!`, `varchar(255)`.
pub(super) fn is_validation(value: &[u8]) -> bool {
    const TYPES: &[&[u8]] = &[b"string", b"text", b"char", b"nchar", b"varchar", b"nvarchar", b"binary", b"varbinary", b"character"];
    const RULES: &[&[u8]] = &[
        b"required",
        b"nullable",
        b"sometimes",
        b"string",
        b"confirmed",
        b"present",
        b"filled",
        b"bail",
        b"omitempty",
        b"optional",
        b"min",
        b"max",
        b"min_length",
        b"max_length",
        b"trim",
        b"null",
        b"minlength",
        b"maxlength",
        b"size",
        b"between",
        b"length",
        b"regex",
        b"same",
        b"alpha_num",
        b"alphanum",
    ];
    // A type.
    let (word, rest) = value.split_at_checked(value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()).unwrap_or_default();
    let sized = || matches!(rest, [b'(', digits @ .., b')'] if digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b','));
    if TYPES.iter().any(|name| word.eq_ignore_ascii_case(name)) && (matches!(rest, b"!" | b"?" | b"[]") || sized()) {
        return true;
    }
    let separator = if value.contains(&b'|') { b'|' } else { b',' };
    let mut known = false;
    let is_rule = |part: &[u8]| {
        let name = part.iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
        let (name, arguments) = part.split_at_checked(name).unwrap_or_default();
        known |=
            RULES.contains(&name) && (arguments.is_empty() || arguments.iter().skip(1).all(|byte| byte.is_ascii_digit() || *byte == b','));
        // What is between commas may be an argument.
        let argument = separator == b',' && !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        argument || (!name.is_empty() && arguments.first().is_none_or(|sign| matches!(sign, b':' | b'=' | b'[')))
    };
    value.split(|byte| *byte == separator).all(is_rule) && known
}
