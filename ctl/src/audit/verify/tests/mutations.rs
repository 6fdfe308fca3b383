//! Whatever is done to honest logs, alone or together: the verdict says what, and nothing else.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::writer::{Writer, file, kept};
use super::*;

/// Numbers that look random, from one that a failing case prints (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`.
    fn within(&mut self, least: usize, most: usize) -> usize {
        least + (self.roll() % (most - least + 1) as u64) as usize
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.roll().is_multiple_of(times)
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.within(0, from.len() - 1)].clone())
    }
}

/// A line of a log.
#[derive(Clone, Debug)]
struct Entry {
    writer: usize,
    /// Of the record; of one beside the chain, of the record that it follows.
    sequence: u64,
    is_side: bool,
    text: String,
    /// The writer was killed while it wrote it: so much is there, and no line break.
    torn_at: Option<usize>,
}

struct Author {
    /// Before each of its records.
    states: Vec<Writer>,
    records: u64,
    /// The last record that the notary can vouch for.
    vouched: u64,
}

struct Log {
    keyed: bool,
    authors: Vec<Author>,
    /// Rotated files of several replicas, in any order.
    parts: Vec<Vec<Entry>>,
    /// None: there is no notary.
    notary: Option<Vec<String>>,
}

/// Writers of several Envoys, each Envoy with a file of its own, which is rotated.
fn honest(dice: &mut Dice) -> Log {
    let keyed = dice.once_in(2);
    let has_notary = !dice.once_in(3);
    let signs = has_notary || dice.once_in(2);
    let count = dice.within(1, 5);
    let replicas = dice.within(1, 3);
    let mut writers: Vec<Writer> = (0..count).map(|n| Writer::new(&format!("{n}f{n}e"), keyed.then_some(KEY))).collect();
    let left: Vec<usize> = (0..count).map(|_| dice.within(4, 24)).collect();
    let mut authors: Vec<Author> = left.iter().map(|_| Author { states: Vec::new(), records: 0, vouched: 0 }).collect();
    let mut files: Vec<Vec<Entry>> = vec![Vec::new(); replicas];
    let mut checkpoints = Vec::new();
    loop {
        let open: Vec<usize> = (0..count).filter(|n| authors[*n].records < left[*n] as u64).collect();
        let Some(which) = dice.pick(&open) else { break };
        let (writer, author) = (&mut writers[which], &mut authors[which]);
        let entry = |sequence, is_side, text| Entry { writer: which, sequence, is_side, text, torn_at: None };
        // As the filter: nothing is signed or said beside a chain that has not begun.
        if author.records > 0 && dice.once_in(8) {
            let kind = if dice.once_in(2) { 'i' } else { 'f' };
            files[which % replicas].push(entry(author.records, true, writer.side(kind)));
        } else if author.records > 0 && signs && dice.once_in(6) {
            checkpoints.push(writer.sign());
            author.vouched = author.records;
        } else {
            author.states.push(writer.clone());
            author.records += 1;
            files[which % replicas].push(entry(author.records, false, writer.next()));
            if author.records == left[which] as u64 && has_notary && dice.once_in(3) {
                checkpoints.push(writer.signed(true));
                author.vouched = author.records;
            }
        }
    }
    let mut parts = Vec::new();
    for mut file in files {
        while file.len() > 1 && dice.once_in(2) {
            let at = dice.within(1, file.len() - 1);
            parts.push(file.split_off(at));
        }
        parts.push(file);
    }
    if !has_notary {
        authors.iter_mut().for_each(|author| author.vouched = 0);
    }
    for at in 1..parts.len() {
        parts.swap(at, dice.within(0, at));
    }
    Log { keyed, authors, parts, notary: has_notary.then_some(checkpoints) }
}

impl Log {
    /// Takes lines out.
    fn drop(&mut self, which: impl Fn(&Entry) -> bool) {
        self.parts.iter_mut().for_each(|part| part.retain(|entry| !which(entry)));
    }

    /// The records of one writer in one file: the file, and their places in it.
    fn together(&self, writer: usize) -> Vec<(usize, Vec<usize>)> {
        let places = |part: &Vec<Entry>| -> Vec<usize> {
            part.iter().enumerate().filter(|(_, entry)| entry.writer == writer && !entry.is_side).map(|(at, _)| at).collect()
        };
        self.parts.iter().map(places).enumerate().collect()
    }

    fn record(&mut self, writer: usize, sequence: u64) -> Option<&mut Entry> {
        self.parts.iter_mut().flatten().find(|entry| entry.writer == writer && entry.sequence == sequence && !entry.is_side)
    }
}

const ATTACKS: usize = 12;

/// Does one thing to what one writer wrote. What it is, and what has to be found; none where the log has no place for it.
fn attack(log: &mut Log, writer: usize, kind: usize, dice: &mut Dice) -> Option<(String, Option<Kind>)> {
    let (records, vouched) = (log.authors[writer].records, log.authors[writer].vouched);
    let of = |entry: &Entry| entry.writer == writer;
    // Where one record, or the end of the chain, is not there.
    let gone = |sequence: u64| match sequence {
        last if last == records => (vouched >= records).then_some(Kind::Cut),
        1 => Some(Kind::BeginningMissing),
        _ => Some(Kind::Missing),
    };
    Some(match kind {
        0 => {
            let sequence = dice.within(1, records as usize) as u64;
            let entry = log.record(writer, sequence)?;
            entry.text = entry.text.replacen("\"Allowed\"", "\"Denied\"", 1);
            (format!("edit {sequence}"), Some(Kind::Altered))
        }
        1 => {
            let first = dice.within(2, records as usize - 1) as u64;
            let last = dice.within(first as usize, records as usize - 1) as u64;
            log.drop(|entry| of(entry) && !entry.is_side && (first..=last).contains(&entry.sequence));
            (format!("delete {first} to {last} of {records}"), Some(Kind::Missing))
        }
        2 => {
            let last = dice.within(1, records as usize - 1) as u64;
            log.drop(|entry| of(entry) && entry.sequence <= last);
            (format!("delete the beginning to {last}"), Some(Kind::BeginningMissing))
        }
        3 => {
            let last = dice.within(1, records as usize - 1) as u64;
            log.drop(|entry| of(entry) && !entry.is_side && entry.sequence > last);
            (format!("cut {records} at {last}, vouched to {vouched}"), (vouched > last).then_some(Kind::Cut))
        }
        4 if log.authors.len() > 1 => {
            log.drop(of);
            (format!("remove the writer, vouched to {vouched}"), (vouched > 0).then_some(Kind::Removed))
        }
        5 => {
            let (part, places) = dice.pick(&log.together(writer).into_iter().filter(|(_, places)| places.len() > 1).collect::<Vec<_>>())?;
            let first = dice.within(0, places.len() - 2);
            let second = dice.within(first + 1, places.len() - 1);
            log.parts[part].swap(places[first], places[second]);
            (format!("swap lines {} and {}", places[first], places[second]), Some(Kind::Reordered))
        }
        6 => {
            let sequence = dice.within(1, records as usize) as u64;
            let copy = log.record(writer, sequence)?.clone();
            let part = dice.within(0, log.parts.len() - 1);
            let at = dice.within(0, log.parts[part].len());
            log.parts[part].insert(at, copy);
            (format!("write {sequence} again"), None)
        }
        // Made anew so that the fingerprint fits, by somebody without the key.
        7 => {
            let sequence = dice.within(2, records as usize - 1) as u64;
            let mut forger = log.authors[writer].states[sequence as usize - 1].clone();
            forger.now += 7;
            forger.key = forger.key.map(|_| b"what the forger takes for the key".to_vec());
            let authority = |text: &str| text.split_once("\"authority_uid\":\"").unwrap().1.split_once('"').unwrap().0.to_owned();
            let entry = log.record(writer, sequence)?;
            let forged = forger.next();
            entry.text = forged.replacen(&authority(&forged), &authority(&entry.text), 1);
            (format!("forge {sequence}"), Some(if log.keyed { Kind::Altered } else { Kind::Forged }))
        }
        // The same from one record on, by somebody who has the key and not the seed.
        8 => {
            let first = dice.within(1, records as usize) as u64;
            let mut forger = log.authors[writer].states[first as usize - 1].clone();
            forger.now += 7;
            forger.forget_checkpoint();
            log.drop(|entry| of(entry) && entry.is_side && entry.sequence >= first);
            for sequence in first..=records {
                log.record(writer, sequence)?.text = forger.next();
            }
            (format!("forge {first} to {records}, vouched to {vouched}"), (vouched >= first).then_some(Kind::Forged))
        }
        9 => {
            let key = log.keyed.then_some(&b"a key of somebody else, as long .."[..]);
            let mut stranger = Writer::new(&format!("5{writer}"), key);
            let part = dice.within(0, log.parts.len() - 1);
            for sequence in 1..=dice.within(1, 5) as u64 {
                log.parts[part].push(Entry { writer: usize::MAX, sequence, is_side: false, text: stranger.next(), torn_at: None });
            }
            ("a writer that nobody knows".to_owned(), log.keyed.then_some(Kind::WrongKey))
        }
        // Killed in the middle of a line; what begins then, begins on that line.
        10 => {
            let mut places: Vec<(usize, usize)> = Vec::new();
            for (part, entries) in log.parts.iter().enumerate() {
                places.extend((0..entries.len()).filter(|at| of(&entries[*at])).map(|at| (part, at)));
            }
            let (part, at) = dice.pick(&places)?;
            let entry = &mut log.parts[part][at];
            entry.torn_at = Some(dice.within(1, entry.text.len() - 1));
            let what = format!("tear {} of {records} (side: {}), vouched to {vouched}", entry.sequence, entry.is_side);
            (what, if entry.is_side { None } else { gone(entry.sequence) })
        }
        // Somewhere else, as a copy that was rotated away.
        11 => {
            let sequence = dice.within(1, records as usize) as u64;
            let moved = log.record(writer, sequence)?.clone();
            log.drop(|entry| of(entry) && !entry.is_side && entry.sequence == sequence);
            log.parts.push(vec![moved]);
            (format!("move {sequence} into a file of its own"), None)
        }
        _ => return None,
    })
}

fn rendered(part: &[Entry]) -> String {
    let line = |entry: &Entry| match entry.torn_at {
        Some(at) => entry.text.get(..at).or(entry.text.get(..at - 1)).unwrap_or_default().to_owned(),
        None => format!("{}\n", entry.text),
    };
    part.iter().map(line).collect()
}

/// As it lies about: plain, or compressed when it was rotated.
fn packed(text: String, dice: &mut Dice) -> Vec<u8> {
    use std::io::Write;
    match dice.within(0, 3) {
        0 => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(text.as_bytes()).unwrap();
            gzip.finish().unwrap()
        }
        1 => ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest),
        _ => text.into_bytes(),
    }
}

/// The kinds of problems that the program finds, and all that it says.
fn verified(log: &Log, dice: &mut Dice) -> (BTreeSet<Kind>, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let files = log.parts.iter().enumerate();
    let args = Args {
        files: files.map(|(n, part)| write(&format!("log.{n}"), &packed(rendered(part), dice))).collect(),
        key: if log.keyed { vec![write("audit.key", KEY).display().to_string()] } else { Vec::new() },
        public_key: vec![write("audit.pub", writer::signer().pk.to_pem().as_bytes())],
        notary: log.notary.iter().map(|kept_by| write("notary", kept(kept_by).as_bytes())).collect(),
        ..Args::default()
    };
    let report = verify(&args).unwrap();
    (report.problems.counts.keys().copied().collect(), report.text(Zone::Utc))
}

proptest! {
    #[test]
    fn honest_logs_are_whole(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let log = honest(dice);
        let (kinds, text) = verified(&log, dice);
        prop_assert!(kinds.is_empty() && text.contains("\nwhole: "), "{text}");
    }

    /// Up to three attacks at once, each on what another writer wrote.
    #[test]
    fn each_attack_is_told_as_what_it_is(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let mut log = honest(dice);
        let mut victims: Vec<usize> = (0..log.authors.len()).collect();
        let (mut expected, mut done, mut removed) = (BTreeSet::new(), Vec::new(), 0);
        for _ in 0..dice.within(1, 3) {
            let Some(victim) = dice.pick(&victims) else { break };
            let kind = dice.within(0, ATTACKS - 1);
            // Somebody has to be left: a log without a record is another verdict.
            removed += usize::from(kind == 4);
            if kind == 4 && removed >= log.authors.len() {
                continue;
            }
            if let Some((what, found)) = attack(&mut log, victim, kind, dice) {
                done.push(format!("writer {victim}: {what}"));
                expected.extend(found);
                victims.retain(|other| *other != victim);
            }
        }
        let (kinds, text) = verified(&log, dice);
        prop_assert_eq!(&kinds, &expected, "{:?}\n{}", done, text);
        if done.iter().any(|what| what.contains("again")) {
            prop_assert!(text.contains("more than once"), "{text}");
        }
        if log.notary.is_some() && done.iter().any(|what| what.contains("nobody knows")) {
            prop_assert!(text.contains("the notary has nothing of it"), "{text}");
        }
    }

    /// What was done to the notary's own file.
    #[test]
    fn a_notary_file_that_was_touched_is_told(seed in any::<u64>()) {
        let dice = &mut Dice(seed);
        let log = honest(dice);
        let Some(notary) = log.notary.filter(|kept| kept.len() > 2) else { return Ok(()) };
        let files: Vec<String> = log.parts.iter().map(|part| rendered(part)).collect();
        let key = log.keyed.then_some(KEY);
        let case = |notary: String| Case { key, public: true, notary: Some(notary), ..Case::plain(&files) };
        let rows: Vec<String> = kept(&notary).lines().map(str::to_owned).collect();
        let at = dice.within(0, rows.len() - 2);
        let (mut less, mut swapped, mut edited) = (rows.clone(), rows.clone(), rows.clone());
        less.remove(at);
        swapped.swap(at, at + 1);
        edited[at] = edited[at].replacen("\"at\":1", "\"at\":2", 1);
        for touched in [less, swapped, edited] {
            let found = case(file(&touched)).kinds();
            prop_assert!(found.contains(&Kind::BadNotary), "{found:?}");
        }
        prop_assert_eq!(case(file(&rows)).kinds(), []);
    }
}
