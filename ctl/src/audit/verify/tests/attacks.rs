use proptest::prelude::*;
use serde_json::json;

use super::honest::log;
use super::writer::{Writer, file, jws, kept, signer};
use super::*;

#[track_caller]
fn found(case: &Case<'_>, kinds: &[Kind], saying: &str) {
    let text = case.text();
    assert_eq!(case.kinds(), kinds, "{text}");
    assert!(text.contains(saying), "{text}");
}

fn lines() -> Vec<String> {
    let mut writer = Writer::new("aa", Some(KEY));
    writer.sign();
    writer.several(20)
}

#[test]
fn an_edited_record() {
    let mut lines = lines();
    lines[4] = lines[4].replace("Allowed", "Denied");
    found(&Case::keyed(&[file(&lines)]), &[Kind::Altered], "record 5, as it calls itself, is not as it was written");
    // Reprinted with other spaces it says the same and is not what was written.
    let mut lines = super::attacks::lines();
    lines[4] = lines[4].replacen(':', ": ", 1);
    found(&Case::keyed(&[file(&lines)]), &[Kind::Altered], "record 5");
}

#[test]
fn a_deleted_record_and_a_deleted_range() {
    let mut lines = lines();
    lines.remove(7);
    found(&Case::keyed(&[file(&lines)]), &[Kind::Missing], "record 8 is missing between file0:7 and file0:8");
    let mut lines = super::attacks::lines();
    lines.drain(7..12);
    found(
        &Case::keyed(&[file(&lines)]),
        &[Kind::Missing],
        "records 8 to 12 are missing between file0:7 and file0:8, 2026-09-21 14:13:27.000Z to 2026-09-21 14:13:33.000Z",
    );
}

#[test]
fn swapped_and_moved_records() {
    let mut lines = lines();
    lines.swap(3, 4);
    found(&Case::keyed(&[file(&lines)]), &[Kind::Reordered], "record 5 stands before record 4");
    let mut lines = super::attacks::lines();
    let moved = lines.remove(15);
    lines.insert(2, moved);
    found(&Case::keyed(&[file(&lines)]), &[Kind::Reordered], "record 16 stands before record 15");
}

#[test]
fn a_record_copied_into_another_place() {
    let mut lines = lines();
    // Renumbered, it is not what was fingerprinted.
    lines[9] = lines[8].replace("aa-9", "aa-10").replace("\"sequence\":9", "\"sequence\":10");
    found(&Case::keyed(&[file(&lines)]), &[Kind::Altered], "record 10");
}

/// Without a key anybody can make a fingerprint that fits, but not the links of the others.
#[test]
fn one_record_made_anew_in_a_plain_chain() {
    let mut writer = Writer::new("aa", None);
    let mut forger = Writer::new("aa", None);
    let mut lines = writer.several(10);
    let mut forged = forger.several(4);
    forger.now += 777;
    forged.push(forger.next());
    lines[4].clone_from(&forged[4]);
    found(&Case::plain(&[file(&lines)]), &[Kind::Forged], "record 5 is not the one that record 6 (file0:6) follows");
    // Put beside the genuine one.
    lines.push(writer.next());
    let genuine = Writer::new("aa", None).several(5).remove(4);
    lines.insert(4, genuine);
    found(&Case::plain(&[file(&lines)]), &[Kind::Forged], "there are two records 5: file0:5 and file0:6");
}

#[test]
fn a_whole_chain_made_anew() {
    // Without the key: another key's name, or none.
    let forged = Writer::new("aa", Some(b"another key of thirty-two bytes ..")).several(5);
    found(&Case::keyed(&[file(&forged)]), &[Kind::WrongKey], "made with the key");
    let forged = Writer::new("aa", None).several(5);
    found(&Case::keyed(&[file(&forged)]), &[Kind::WrongKey], "made without a key");
    // By a holder of the key, against what was signed before.
    let mut writer = Writer::new("aa", Some(KEY));
    writer.several(5);
    let checkpoint = writer.sign();
    let mut forger = Writer::new("aa", Some(KEY));
    forger.now += 1;
    let forged = forger.several(8);
    let files = [file(&forged)];
    let case = Case { notary: Some(kept(std::slice::from_ref(&checkpoint))), ..Case::keyed(&files) };
    found(&case, &[Kind::Forged], "record 5 is not the one that checkpoint 1 vouches for");
    // Without its checkpoints: their absence shows.
    let mut forger = Writer::new("aa", Some(KEY));
    let mut forged = forger.several(100);
    forger.now += 600_000;
    forged.push(forger.next());
    let window = Window { interval: Some(60_000), ..Window::default() };
    found(
        &Case { window, ..Case::keyed(&[file(&forged)]) },
        &[Kind::NoCheckpoint],
        "after the last checkpoint, and there is one every 1 min",
    );
}

#[test]
fn a_tail_cut_off() {
    let mut writer = Writer::new("aa", Some(KEY));
    let mut lines = writer.several(10);
    let checkpoint = writer.sign();
    lines.push(writer.next());
    // Within the log nothing tells.
    let files = [file(&lines[..8])];
    assert!(Case::keyed(&files).kinds().is_empty());
    let case = Case { notary: Some(kept(&[checkpoint])), ..Case::keyed(&files) };
    found(&case, &[Kind::Cut], "records 9 to 10 are missing after file0:8: checkpoint 1 vouches for them");
}

#[test]
fn whole_writers_and_beginnings_removed() {
    let (lines, checkpoints) = log();
    let without: Vec<String> = lines.iter().filter(|line| !line.contains("\"bb02")).cloned().collect();
    let files = [file(&without)];
    let case = Case { notary: Some(kept(&checkpoints)), ..Case::keyed(&files) };
    found(
        &case,
        &[Kind::Removed],
        "chain bb02: nothing of this writer (on `envoy-1`) is in these files, and checkpoint 7 vouches for 12 of its records",
    );
    // Everything is gone.
    let case = Case { notary: Some(kept(&checkpoints)), ..Case::keyed(&[]) };
    found(&case, &[Kind::Empty, Kind::Removed], "chain aa01");
    found(&Case::keyed(&[]), &[Kind::Empty], "there is no record");
    let lines = super::attacks::lines();
    found(&Case::keyed(&[file(&lines[3..])]), &[Kind::BeginningMissing], "begins at 4; 1 to 3 are not in these files");
}

#[test]
fn checkpoints_that_are_not_the_writers() {
    let mut writer = Writer::new("aa", Some(KEY));
    writer.signer = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([9; 32]));
    writer.sign();
    let forged = writer.several(3);
    found(&Case::keyed(&[file(&forged)]), &[Kind::BadCheckpoint], "it is signed by another key");
    // The right key's name over another signature.
    let mut writer = Writer::new("aa", Some(KEY));
    let good = writer.sign();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let other: String = signature.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    let spoilt = format!("{head}.{other}");
    let files = [file(&writer.several(3))];
    let case = Case { notary: Some(kept(&[spoilt])), ..Case::keyed(&files) };
    found(&case, &[Kind::BadCheckpoint], "its signature does not fit its text");
    // Signed, and impossible.
    let lie = |n: u64, seq: u64| jws(&signer(), &json!({ "chain": "aa", "fp": "ab".repeat(32), "iat": 1_790_000_000, "n": n, "seq": seq }));
    // Sent twice is no contradiction.
    let case = Case { notary: Some(kept(&[lie(2, 0), lie(2, 0), lie(3, 0)])), ..Case::keyed(&files) };
    assert_eq!(case.kinds(), []);
    let case = Case { notary: Some(kept(&[lie(2, 2), lie(3, 1)])), ..Case::keyed(&files) };
    assert!(case.text().contains("checkpoint 3 goes back from record 2 to 1"), "{}", case.text());
}

#[test]
fn records_after_the_end_and_two_histories() {
    let mut writer = Writer::new("aa", Some(KEY));
    let mut lines = writer.several(3);
    let end = writer.signed(true);
    lines.push(writer.next());
    let files = [file(&lines)];
    found(
        &Case { notary: Some(kept(&[end])), ..Case::keyed(&files) },
        &[Kind::Forged],
        "the chain ended with record 3, and there is a record 4",
    );
    // A VM that was copied while it ran goes on twice.
    let (mut a, mut b) = (Writer::new("aa", Some(KEY)), Writer::new("aa", Some(KEY)));
    let (mut one, mut two) = (a.several(3), b.several(3));
    b.now += 5;
    one.extend(a.several(3));
    two.extend(b.several(3));
    found(&Case::keyed(&[file(&one), file(&two)]), &[Kind::Forged], "there are two records 4: file0:4 and file1:4");
}

#[test]
fn side_records_altered_exchanged_or_put_in_a_wrong_place() {
    let mut writer = Writer::new("aa", Some(KEY));
    let mut lines = vec![writer.next(), writer.side('i'), writer.next(), writer.next()];
    let genuine = lines.clone();
    lines[1] = lines[1].replace("get_order", "get_other");
    found(&Case::keyed(&[file(&lines)]), &[Kind::Altered], "the side record `i1`");
    // Of another history, though made with the key.
    let mut forger = Writer::new("aa", Some(KEY));
    forger.now += 3;
    let forged = [forger.next(), forger.side('i')];
    lines = genuine;
    lines[1].clone_from(&forged[1]);
    let case = [file(&lines)];
    let text = Case::keyed(&case).text();
    assert!(text.contains("the side record `i1` follows another record 1 than the one that is here"), "{text}");
    assert!(text.contains("is not the one that another record of its exchange (file0:3) names"), "{text}");
}

#[test]
fn records_without_a_chain_and_other_forms() {
    let mut lines = lines();
    let stripped =
        json!({ "class_uid": 6003, "metadata": { "log_name": "portcullis", "uid": "x-1", "reporter": { "uid": "x" } }, "unmapped": {} })
            .to_string();
    lines.insert(3, stripped);
    found(&Case::keyed(&[file(&lines)]), &[Kind::Unchained], "this record is in no chain");
    let mut lines = super::attacks::lines();
    lines[3] = lines[3].replace("\"sequence\":4", "\"sequence\":5");
    found(&Case::keyed(&[file(&lines)]), &[Kind::Unreadable, Kind::Missing], "`metadata.uid` does not fit chain and sequence");
}

#[test]
fn a_notary_file_that_was_changed() {
    let (lines, checkpoints) = log();
    let kept = kept(&checkpoints);
    let files = [file(&lines)];
    let mut rows: Vec<String> = kept.lines().map(|row| format!("{row}\n")).collect();
    let removed = rows.remove(4);
    let case = Case { notary: Some(rows.concat()), ..Case::keyed(&files) };
    found(&case, &[Kind::BadNotary], "it does not follow the line before");
    rows.insert(4, removed.replace("\"at\":1", "\"at\":2"));
    let case = Case { notary: Some(rows.concat()), ..Case::keyed(&files) };
    found(&case, &[Kind::BadNotary], "the line is not as it was written");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever byte of a record becomes another one, or goes, it is found: in the middle of a chain and at its end.
    #[test]
    fn any_changed_byte_is_found(which in 0_usize..6, at in any::<prop::sample::Index>(), byte in any::<u8>(), keyed in any::<bool>()) {
        let mut writer = Writer::new("aa", keyed.then_some(KEY));
        writer.sign();
        let lines = [writer.next(), writer.next(), writer.side('i'), writer.next(), writer.side('f'), writer.next()];
        let case = |lines: &[Vec<u8>]| {
            let text = lines.iter().map(|line| [line.as_slice(), b"\n"].concat()).collect::<Vec<_>>().concat();
            let mut ledger = Ledger::new(if keyed { Keys::of(&[KEY]) } else { Keys::default() }, writer::public_keys());
            ledger.file("log".to_owned());
            let mut lines = Lines::new(Cursor::new(text));
            while let Some(line) = lines.next_line().unwrap() {
                ledger.line(&line);
            }
            judged(ledger, 1, Window::default(), false).problems.count()
        };
        let mut lines: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        prop_assert_eq!(case(&lines), 0);
        let line = &mut lines[which];
        let at = at.index(line.len());
        let was = line[at];
        if was == byte {
            line.remove(at);
        } else {
            line[at] = byte;
        }
        prop_assert!(case(&lines) > 0, "byte {} of {}: {} for {}", at, which, byte, was);
    }
}
