//! Which records of a file are out of order: as few as there can be, so that one that was moved is told, and not all that it passed.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ledger::Link;

/// Records of one chain, by their sequence, each with its place among all that were read. For each file in which some are out of order: two that are the wrong way
/// round, the one that stands first, first; and how many more are out of order there.
pub(super) fn wrong(records: &[(usize, Link)]) -> Vec<(Link, Link, usize)> {
    let mut copies: HashMap<u64, usize> = HashMap::new();
    records.iter().for_each(|(_, link)| *copies.entry(link.sequence).or_default() += 1);
    // Those of which there is one say where the others belong.
    let mut files: BTreeMap<u32, [Vec<(usize, Link)>; 2]> = BTreeMap::new();
    for (place, link) in records {
        let is_copied = copies.get(&link.sequence).is_some_and(|count| *count > 1);
        let [once, copied] = files.entry(link.at.file).or_default();
        if is_copied { copied.push((*place, *link)) } else { once.push((*place, *link)) }
    }
    let orders: Vec<[Order; 2]> = files
        .into_values()
        .map(|[once, copied]| {
            let once = split(&once);
            let (fit, misfit): (Vec<_>, Vec<_>) = copied.into_iter().partition(|record| once.against(record).is_none());
            let mut copied = split(&fit);
            copied.misplaced.extend(misfit);
            [once, copied]
        })
        .collect();
    let in_place: HashSet<u64> = orders.iter().flat_map(|[_, copied]| &copied.in_place).map(|(_, link)| link.sequence).collect();
    let one = |[once, copied]: &[Order; 2]| {
        let copies = copied.misplaced.iter().filter(|(_, link)| !in_place.contains(&link.sequence));
        let told: Vec<(Link, Link)> =
            once.misplaced.iter().chain(copies).filter_map(|record| once.against(record).or_else(|| copied.against(record))).collect();
        told.first().map(|(early, late)| (*early, *late, told.len() - 1))
    };
    orders.iter().filter_map(one).collect()
}

/// Records of one file.
struct Order {
    in_place: Vec<(usize, Link)>,
    misplaced: Vec<(usize, Link)>,
}

/// `links`: by their sequence. The longest run of rising places is what is in order (patience sorting).
fn split(links: &[(usize, Link)]) -> Order {
    // The last member of the best run of each length, and what comes before each member.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; links.len()];
    let place = |member: usize| links.get(member).map(|(place, _)| *place);
    // Copies of one record from the last place to the first, so that one run takes one of them.
    let mut members: Vec<usize> = (0..links.len()).collect();
    members.sort_by_key(|member| links.get(*member).map(|(place, link)| (link.sequence, std::cmp::Reverse(*place))));
    for member in members {
        let length = ends.partition_point(|end| place(*end) < place(member));
        if let Some(link) = before.get_mut(member) {
            *link = length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied());
        }
        match ends.get_mut(length) {
            Some(end) => *end = member,
            None => ends.push(member),
        }
    }
    let mut is_in_place = vec![false; links.len()];
    let mut next = ends.last().copied();
    while let Some(member) = next {
        if let Some(mark) = is_in_place.get_mut(member) {
            *mark = true;
        }
        next = before.get(member).copied().flatten();
    }
    let with = |wanted: bool| links.iter().zip(&is_in_place).filter(move |(_, is)| **is == wanted).map(|(link, _)| *link).collect();
    Order { in_place: with(true), misplaced: with(false) }
}

impl Order {
    /// Two records that are the wrong way round, one of them `misplaced`; the one that stands first, first.
    fn against(&self, misplaced: &(usize, Link)) -> Option<(Link, Link)> {
        let (place, link) = misplaced;
        let next = self.in_place.partition_point(|(_, other)| other.sequence < link.sequence);
        let before = next.checked_sub(1).and_then(|at| self.in_place.get(at)).filter(|(other, _)| other > place);
        let after = self.in_place.get(next).filter(|(other, _)| other < place);
        before.map(|(_, other)| (*link, *other)).or(after.map(|(_, other)| (*other, *link)))
    }
}
