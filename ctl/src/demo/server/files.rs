//! The virtual files `read_file` serves. Their credentials open nothing and exist only once this program runs.

use super::data::Raw;

/// The file's text; `None` when there is no such file.
pub(super) fn read(path: &str) -> Option<String> {
    match path.trim_start_matches("./") {
        "README.md" => Some(README.to_owned()),
        ".env" => Some(env()),
        "config/app.json" => Some(app()),
        _ => None,
    }
}

pub(super) const PATHS: [&str; 3] = ["README.md", ".env", "config/app.json"];

const README: &str = "# Orders service\n\nLooks after customers and their orders. Configuration is in `.env` and `config/app.json`.\n";

/// Every credential the files hold, to look for it where it must not be.
pub fn credentials() -> Vec<Raw> {
    let Credentials { aws_id, aws_secret, github, stripe, slack, database_password, pem_lines } = Credentials::assemble();
    let mut all = vec![
        Raw { what: "AWS access key", value: aws_id },
        Raw { what: "AWS secret key", value: aws_secret },
        Raw { what: "GitHub token", value: github },
        Raw { what: "Stripe key", value: stripe },
        Raw { what: "Slack token", value: slack },
        Raw { what: "database password", value: database_password },
    ];
    all.extend(pem_lines.into_iter().map(|value| Raw { what: "private key", value }));
    all
}

struct Credentials {
    aws_id: String,
    aws_secret: String,
    github: String,
    stripe: String,
    slack: String,
    database_password: String,
    pem_lines: Vec<String>,
}

impl Credentials {
    fn assemble() -> Self {
        let line = |from: u64| (from..from + 64).map(base64_letter).collect::<String>();
        Self {
            aws_id: ["AK", "IA", "Q3DEMO", "7XPORT2CUL"].concat(),
            aws_secret: ["wJ4rXUt", "nF3Mi/K7MD", "ENG/bP", "xRfiCYzQ8", "sDm0hK2L"].concat(),
            github: github_token(&["R8kQ2mZ", "x4LvT9nB", "c7WpY1sD", "f6HgJ3a"].concat()),
            stripe: ["sk", "_li", "ve_", "51Hq8Zr", "KdP0vXw2", "YtBn6MfGc"].concat(),
            slack: ["xo", "xb-", "204816550071", "-118204204816", "-Zk8Qm2Rt4Lv9Xn7", "Bc1Wp5Ysd"].concat(),
            database_password: ["tide", "-Anvil", "-42"].concat(),
            pem_lines: (1..=4).map(|n| line(n * 1000)).collect(),
        }
    }
}

fn env() -> String {
    let Credentials { aws_id, aws_secret, github, stripe, slack, database_password, pem_lines } = Credentials::assemble();
    let label = ["RSA PRI", "VATE KEY"].concat();
    let pem = pem_lines.join("\n");
    format!(
        "# Production. Do not commit.\n\
         LOG_LEVEL=info\n\
         AWS_ACCESS_KEY_ID={aws_id}\n\
         AWS_SECRET_ACCESS_KEY={aws_secret}\n\
         GITHUB_TOKEN={github}\n\
         STRIPE_SECRET_KEY={stripe}\n\
         SLACK_BOT_TOKEN={slack}\n\
         DATABASE_URL=postgres://orders:{database_password}@db.internal:5432/orders\n\
         TLS_KEY=\"-----BEGIN {label}-----\n{pem}\n-----END {label}-----\"\n\
         REGION=eu-central-1\n"
    )
}

fn app() -> String {
    let Credentials { database_password, .. } = Credentials::assemble();
    format!("{{\"name\": \"orders\", \"workers\": 4, \"database\": {{\"user\": \"orders\", \"password\": \"{database_password}\"}}}}\n")
}

/// `ghp_`, 30 letters, and their CRC-32 in six base62 digits, as GitHub's tokens have it ("Behind GitHub's new authentication token
/// formats", 2021): a masker that checks the sum must still see a token.
fn github_token(letters: &str) -> String {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32(letters.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get(rest as usize % 62).copied().unwrap_or(b'0');
        rest /= 62;
    }
    ["gh", "p_", letters, &String::from_utf8_lossy(&digits)].concat()
}

/// CRC-32 as in ISO 3309, bit by bit: it runs a few times over 30 bytes.
fn crc32(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
    });
    !sum
}

/// The n-th letter of a text that looks as random as a key, the same in every run.
fn base64_letter(n: u64) -> char {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let index = (mixed >> 58) as usize;
    ALPHABET.get(index).copied().map_or('A', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_well_known_one() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn the_files_hold_every_credential_they_are_said_to() {
        let env = read(".env").unwrap();
        for Raw { what, value } in credentials() {
            assert!(env.contains(&value), "{what} is not in .env");
        }
        assert_eq!(Credentials::assemble().aws_id.len(), 20);
        assert_eq!(Credentials::assemble().aws_secret.len(), 40);
        assert_eq!(Credentials::assemble().github.len(), 40);
        assert!(PATHS.iter().all(|path| read(path).is_some()));
        assert!(read("../etc/passwd").is_none());
    }
}
