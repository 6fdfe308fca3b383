//! What a rule asks of an argument, in few words for the record; texts of the policy are left out, for they are long.

use crate::policy::ArgumentTest;

pub(super) fn of(tests: &[ArgumentTest]) -> String {
    const LONGEST: usize = 160;
    let mut label = tests.iter().map(one).collect::<Vec<_>>().join(", ");
    label.truncate(label.floor_char_boundary(LONGEST));
    label
}

fn one(test: &ArgumentTest) -> String {
    match test {
        ArgumentTest::Equals(_) => "equals".to_owned(),
        ArgumentTest::OneOf(_) => "one_of".to_owned(),
        ArgumentTest::Glob(_) => "glob".to_owned(),
        ArgumentTest::Regex(_) => "regex".to_owned(),
        ArgumentTest::Range(bound, limit) => format!("{} {limit}", bound.name()),
        ArgumentTest::Length(span) => match span.at_most {
            Some(most) => format!("length {} to {most}", span.at_least),
            None => format!("length at_least {}", span.at_least),
        },
        ArgumentTest::Url(_) => "url".to_owned(),
        ArgumentTest::IpWithin(_) => "ip_within".to_owned(),
        ArgumentTest::PathWithin(_) => "path_within".to_owned(),
        ArgumentTest::Present(present) => if *present { "present" } else { "absent" }.to_owned(),
        ArgumentTest::Type(kind) => format!("type {}", kind.name()),
        ArgumentTest::Not(tests) => format!("not ({})", of(tests)),
        ArgumentTest::AnyOf(sets) => format!("any_of ({})", sets.iter().map(|set| of(set)).collect::<Vec<_>>().join(" | ")),
    }
}
