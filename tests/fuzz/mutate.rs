//! Changes to inputs, the same in every run.

/// Marsaglia's xorshift64*: what matters is that it is always the same.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, most: usize) -> usize {
        if most == 0 { 0 } else { usize::try_from(self.next() % most as u64).unwrap() }
    }
}

pub struct Mutations<'a> {
    seeds: &'a [&'a [u8]],
    chance: Chance,
}

/// What grammars turn on.
const TOKENS: &[&str] = &[
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "'",
    "`",
    "$(",
    "${",
    "$'",
    ")",
    ";",
    "--",
    "/*",
    "*/",
    "\n",
    "\r\n",
    "\u{feff}",
    "\0",
    " ",
    "\t",
    "0",
    "-1",
    "1e999",
    "9223372036854775808",
    "null",
    "true",
    "data:",
    "event:",
    "\n\n",
    "|",
    "&",
    "<<",
    "<(",
    "&a",
    "*a",
    "!x",
    "é",
    "\u{202e}",
    "\u{200b}",
    "=",
    "#",
    "~",
    "%2e",
];

impl<'a> Mutations<'a> {
    pub fn of(seeds: &'a [&'a [u8]], name: &str) -> Self {
        let seed = name.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |seed, byte| seed.rotate_left(7) ^ u64::from(byte));
        Self { seeds, chance: Chance(seed) }
    }

    pub fn next(&mut self) -> Vec<u8> {
        let mut data = self.seeds[self.chance.below(self.seeds.len())].to_vec();
        for _ in 0..=self.chance.below(6) {
            self.change(&mut data);
        }
        // A target that is slow with long inputs would only be slow.
        data.truncate(1 << 16);
        data
    }

    fn change(&mut self, data: &mut Vec<u8>) {
        let at = self.chance.below(data.len() + 1);
        let to = at + self.chance.below((data.len() - at).min(64) + 1);
        match self.chance.below(9) {
            0 => drop(data.drain(at..to)),
            1 => {
                let token = TOKENS[self.chance.below(TOKENS.len())];
                data.splice(at..at, token.bytes());
            }
            2 => {
                let token = TOKENS[self.chance.below(TOKENS.len())];
                data.splice(at..to, token.bytes());
            }
            3 => {
                let piece = data[at..to].to_vec();
                data.splice(at..at, piece);
            }
            // Deep and long.
            4 => {
                let piece = data[at..to].to_vec();
                let times = 1 << self.chance.below(11);
                data.splice(at..at, piece.repeat(times).into_iter().take(1 << 15));
            }
            5 => {
                let token = TOKENS[self.chance.below(TOKENS.len())];
                let times = 1 << self.chance.below(13);
                data.splice(at..at, token.repeat(times).bytes().take(1 << 15).collect::<Vec<u8>>());
            }
            6 if at < data.len() => data[at] ^= 1 << self.chance.below(8),
            7 if at < data.len() => data[at] = self.chance.next().to_le_bytes()[0],
            _ => {
                let other = self.seeds[self.chance.below(self.seeds.len())];
                let from = self.chance.below(other.len() + 1);
                let length = self.chance.below((other.len() - from).min(256) + 1);
                data.splice(at..to, other[from..from + length].iter().copied());
            }
        }
    }
}
