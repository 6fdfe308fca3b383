//! The words of SQL that mean something to the survey, each known by one number from the lexer on.

/// The word of a token, if it is one of ours.
macro_rules! keys {
    ($($variant:ident $text:literal)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Key { Other, $($variant),* }

        static KEYS: &[Key] = &[$(Key::$variant),*];
        /// The words of [`KEYS`], each as two numbers.
        static WORDS: &[[u64; 2]] = &[$(packed($text)),*];
    };
}

keys! {
    Abort b"abort" Add b"add" Admin b"admin" After b"after" All b"all" Alter b"alter" Analyse b"analyse" Analyze b"analyze" And b"and" Any b"any" Apply b"apply"
    As b"as" Asc b"asc" Assembly b"assembly" Assert b"assert" Atomic b"atomic" Attach b"attach" Authorization b"authorization" Backup b"backup" Before b"before"
    Begin b"begin" Between b"between" Binary b"binary" Bulk b"bulk" By b"by" Cache b"cache" Call b"call" Cascade b"cascade" Case b"case"
    Certificate b"certificate" Change b"change" Check b"check" Checkpoint b"checkpoint" Checksum b"checksum" Close b"close" Cluster b"cluster" Column b"column"
    Comment b"comment" Commit b"commit" Concurrently b"concurrently" Conflict b"conflict" Connect b"connect" Constraint b"constraint"
    Continue b"continue" Copy b"copy" Create b"create" Credential b"credential" Cross b"cross" Cube b"cube" Current b"current" Cursor b"cursor" Data b"data"
    Database b"database" Databases b"databases" Dbcc b"dbcc" Deallocate b"deallocate" Declare b"declare" Default b"default" Deferred b"deferred" Delayed b"delayed" Delete b"delete"
    Delimiter b"delimiter" Deny b"deny" Desc b"desc" Describe b"describe" Detach b"detach" Disable b"disable" Discard b"discard"
    Distinct b"distinct" Div b"div" Do b"do" Domain b"domain" Drop b"drop" Dumpfile b"dumpfile" Duplicate b"duplicate" Each b"each" Else b"else" Elseif b"elseif" Elsif b"elsif"
    Enable b"enable" End b"end" Event b"event" Except b"except" Exception b"exception" Exclusive b"exclusive" Exec b"exec" Execute b"execute"
    Exists b"exists" Exit b"exit" Explain b"explain" Export b"export" Extended b"extended" Extension b"extension" External b"external" False b"false"
    Fetch b"fetch" File b"file" Flashback b"flashback" Flush b"flush" For b"for" Force b"force" Foreign b"foreign" Format b"format" Freeze b"freeze" From b"from"
    Full b"full" Function b"function" Get b"get" Global b"global" Go b"go" Grant b"grant" Grants b"grants" Group b"group" Groups b"groups" Handler b"handler" Having b"having" Help b"help"
    HighPriority b"high_priority" Identified b"identified" If b"if" Ignore b"ignore" Ilike b"ilike" Immediate b"immediate" Import b"import" In b"in"
    Index b"index" Infile b"infile" Inner b"inner" Insert b"insert" Install b"install" Instance b"instance" Instead b"instead" Intersect b"intersect" Interval b"interval" Into b"into"
    Is b"is" Isnull b"isnull" Isolation b"isolation" Iterate b"iterate" Join b"join" Keyed b"key" Kill b"kill" Language b"language" Lateral b"lateral" Leave b"leave" Left b"left" Like b"like" Limit b"limit"
    List b"list" Listen b"listen" Load b"load" Local b"local" Lock b"lock" Log b"log" Login b"login" Loop b"loop" LowPriority b"low_priority" Ls b"ls"
    Masking b"masking" Matched b"matched" Materialized b"materialized" Merge b"merge" Minus b"minus" Mod b"mod" Modify b"modify" Move b"move" Msck b"msck" Natural b"natural"
    Next b"next" Nologin b"nologin" Not b"not" Notify b"notify" Notnull b"notnull" Nowait b"nowait" Null b"null" Of b"of" Off b"off" Offset b"offset" On b"on" Only b"only" Open b"open" Operator b"operator"
    Optimize b"optimize" OptionWord b"option" Options b"options" Or b"or" Order b"order" Out b"out" Outer b"outer" Outfile b"outfile" Output b"output" Over b"over" Overwrite b"overwrite"
    Owned b"owned" Owner b"owner" Pager b"pager" Partition b"partition" Partitions b"partitions" Password b"password" Perform b"perform" Permanent b"permanent" Persist b"persist" PersistOnly b"persist_only" Pivot b"pivot" Plan b"plan" Plugin b"plugin" Policy b"policy"
    Pragma b"pragma" Prepare b"prepare" Primary b"primary" Print b"print" Privileges b"privileges" Proc b"proc" Procedural b"procedural" Procedure b"procedure" Profile b"profile"
    Program b"program" Public b"public" Publication b"publication" Purge b"purge" Put b"put" Qualify b"qualify" Query b"query" Quick b"quick" Raise b"raise" Raiserror b"raiserror" Read b"read"
    Reassign b"reassign" Reconfigure b"reconfigure" Recursive b"recursive" References b"references" Refresh b"refresh" Regexp b"regexp" Reindex b"reindex" Release b"release" Remove b"remove"
    Rename b"rename" Repair b"repair" Repeat b"repeat" Replace b"replace" Replica b"replica" Reset b"reset" Resignal b"resignal" Resource b"resource" Restore b"restore" Restrict b"restrict" Return b"return" Returning b"returning" Returns b"returns"
    Revert b"revert" Revoke b"revoke" Right b"right" Rlike b"rlike" Rm b"rm" Role b"role" Rollback b"rollback" Routine b"routine" Row b"row" Rowcount b"rowcount" Rule b"rule" Savepoint b"savepoint" Schema b"schema" Security b"security"
    Select b"select" Semi b"semi" Separator b"separator" Sequence b"sequence" Server b"server" Session b"session" Set b"set" Setuser b"setuser" Share b"share" Show b"show" Shutdown b"shutdown" Signal b"signal" Similar b"similar" Snapshot b"snapshot" SomeWord b"some"
    Soname b"soname" Source b"source" Stage b"stage" Start b"start" Stop b"stop" StraightJoin b"straight_join" Subscription b"subscription" Synonym b"synonym" System b"system" Table b"table" Tables b"tables" Tablespace b"tablespace" Tablesample b"tablesample" Tee b"tee" Temp b"temp"
    Temporary b"temporary" Then b"then" Throw b"throw" To b"to" Top b"top" Tran b"tran" Transaction b"transaction" Trigger b"trigger" True b"true" Truncate b"truncate" Try b"try"
    Type b"type" Uncache b"uncache" Undrop b"undrop" Uninstall b"uninstall" Union b"union" Unique b"unique" Unknown b"unknown" Unlisten b"unlisten" Unload b"unload" Unlock b"unlock" Unlogged b"unlogged" Unnest b"unnest" Unpivot b"unpivot" Update b"update" Use b"use"
    User b"user" Using b"using" Vacuum b"vacuum" Values b"values" Verbose b"verbose" View b"view" Virtual b"virtual" Volatile b"volatile" Wait b"wait" Waitfor b"waitfor" When b"when" Where b"where"
    While b"while" Window b"window" With b"with" Work b"work" Write b"write" Xa b"xa" Xml b"xml" Xor b"xor"
}

/// As long as a word above may be.
const LONGEST: usize = 16;

/// The bytes of a word, the first the lowest.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn packed(word: &[u8]) -> [u64; 2] {
    assert!(word.len() <= LONGEST, "longer than two numbers");
    let (mut packed, mut at) = ([0; 2], 0);
    while at < word.len() {
        packed[at / 8] |= (word[at] as u64) << (at % 8 * 8);
        at += 1;
    }
    packed
}

/// Three times as many as words, so that most words are alone in theirs.
const SLOTS: usize = 1024;

const fn slot([low, high]: [u64; 2]) -> usize {
    ((low ^ high.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize % SLOTS
}

/// Places in [`WORDS`] by their slots, from 1; what finds its slot taken is in the next that is free.
static PLACES: [u16; SLOTS] = table();

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn table() -> [u16; SLOTS] {
    assert!(WORDS.len() < SLOTS / 2, "too many words for the table");
    let mut table = [0_u16; SLOTS];
    let mut at = 0;
    while at < WORDS.len() {
        let mut slot = slot(WORDS[at]);
        while table[slot] != 0 {
            let taken = WORDS[table[slot] as usize - 1];
            assert!(taken[0] != WORDS[at][0] || taken[1] != WORDS[at][1], "a word that is there twice");
            slot = (slot + 1) % SLOTS;
        }
        at += 1;
        table[slot] = at as u16;
    }
    table
}

/// Eight bytes together, capitals in lower case.
const fn lower(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = bytes & (0x7f * EACH);
    // The upper bit of each byte tells whether it is at least `A`, and whether it is more than `Z`.
    let (from_a, past_z) = (low + (0x80 - 0x41) * EACH, low + (0x80 - 0x5b) * EACH);
    bytes | (from_a & !past_z & !bytes & (0x80 * EACH)) >> 2
}

/// All bits of so many bytes.
const fn first(bytes: usize) -> u64 {
    if bytes < 8 { (1 << (bytes * 8)) - 1 } else { u64::MAX }
}

pub(super) fn key_of(word: &str) -> Key {
    key_in(word.as_bytes(), 0, word.len())
}

/// The word from one place of a text to another.
pub(super) fn key_in(text: &[u8], from: usize, to: usize) -> Key {
    let len = to.saturating_sub(from);
    // Nearly every alias is a letter.
    if !(2..=LONGEST).contains(&len) {
        return Key::Other;
    }
    let rest = text.get(from..).unwrap_or_default();
    let packed = match rest.first_chunk::<LONGEST>().map(|chunk| chunk.as_chunks::<8>().0) {
        Some([low, high]) => {
            [lower(u64::from_le_bytes(*low) & first(len)), lower(u64::from_le_bytes(*high) & first(len.saturating_sub(8)))]
        }
        _ => {
            let mut bytes = [0_u8; LONGEST];
            for (byte, of_word) in bytes.iter_mut().zip(rest.iter().take(len)) {
                *byte = of_word.to_ascii_lowercase();
            }
            packed(&bytes)
        }
    };
    let mut slot = slot(packed);
    loop {
        let Some(place) = PLACES.get(slot).and_then(|place| usize::from(*place).checked_sub(1)) else { return Key::Other };
        if WORDS.get(place) == Some(&packed) {
            return KEYS.get(place).copied().unwrap_or(Key::Other);
        }
        slot = (slot + 1) % SLOTS;
    }
}

impl Key {
    /// Words after which no name of a table or alias can come bare, and which are none themselves in any dialect that is read here.
    pub(super) fn is_reserved(self) -> bool {
        use Key::*;
        matches!(
            self,
            All | Alter
                | And
                | Any
                | As
                | Asc
                | Between
                | By
                | Case
                | Check
                | Column
                | Constraint
                | Create
                | Cross
                | Default
                | Delete
                | Deny
                | Desc
                | Distinct
                | Drop
                | Else
                | End
                | Except
                | Exec
                | Execute
                | Exists
                | Fetch
                | For
                | Foreign
                | From
                | Full
                | Grant
                | Group
                | Having
                | If
                | In
                | Inner
                | Insert
                | Intersect
                | Into
                | Is
                | Join
                | Lateral
                | Left
                | Like
                | Ilike
                | Limit
                | Merge
                | Minus
                | Natural
                | Not
                | Null
                | Offset
                | On
                | Or
                | Order
                | Outer
                | Output
                | Over
                | Primary
                | Qualify
                | References
                | Returning
                | Revoke
                | Right
                | Rlike
                | Regexp
                | Select
                | Set
                | SomeWord
                | StraightJoin
                | Table
                | Tablesample
                | Then
                | To
                | Truncate
                | Union
                | Unique
                | Update
                | Using
                | Values
                | When
                | Where
                | While
                | Window
                | With
                | Apply
                | Pivot
                | Unpivot
                | OptionWord
                | Sequence
                | Call
                | Kill
                | Begin
                | Declare
                | Waitfor
                | Shutdown
                | Return
                | Xor
                | Semi
                | Connect
                | Start
        ) && !matches!(self, Sequence | Start | Connect | Semi | Apply | Shutdown | Call | Minus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found() {
        for (word, key) in WORDS.iter().zip(KEYS) {
            let text: String = word.iter().flat_map(|half| half.to_le_bytes()).take_while(|byte| *byte != 0).map(char::from).collect();
            assert_eq!((key_of(&text), key_of(&text.to_ascii_uppercase())), (*key, *key), "{text}");
            assert_eq!(key_of(&format!("{text}x")), Key::Other, "{text}");
            let amid = format!("x {text}, and so many more bytes");
            assert_eq!(key_in(amid.as_bytes(), 2, 2 + text.len()), *key, "{text}");
        }
        for other in ["", "x", "selec", "select_", "a name of many letters", "\u{e9}"] {
            assert_eq!(key_of(other), Key::Other, "{other}");
        }
    }
}
