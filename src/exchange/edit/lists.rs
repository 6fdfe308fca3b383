//! Lists of what there is: what a caller could never use comes off, and so does what the policy does not know or trust.

use std::collections::BTreeSet;

use super::splice::{Object, Part, Splice, without};
use super::{Court, EditError, Noted};
use crate::audit::Alert;
use crate::guard::tools::Standing;
use crate::guard::{Offer, Template};
use crate::mcp::json::Kind;
use crate::mcp::uri::Uri;
use crate::policy::{HiddenInstructions, Listing, Unpinned};

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Tool,
    Prompt,
    Resource,
    Template,
}

const LISTS: [(&str, What); 4] =
    [("tools", What::Tool), ("prompts", What::Prompt), ("resources", What::Resource), ("resourceTemplates", What::Template)];

/// What changes in a result for the lists it has. A list that is none is left to its reader, who will not take it for one either.
pub(super) fn filter(court: &mut Court<'_>, noted: &mut Noted, members: &Object<'_>) -> Result<Vec<Splice>, EditError> {
    let mut splices = Vec::new();
    let mut has_list = false;
    for (name, what) in LISTS {
        let Some(list) = members.member(name).filter(|list| list.kind() == Some(Kind::Array)) else { continue };
        has_list = true;
        let elements = list.array()?;
        let mut names = BTreeSet::new();
        let mut stays = Vec::with_capacity(elements.len());
        for element in &elements {
            stays.push(entry(court, noted, what, *element, &mut names)?);
        }
        if what == What::Tool
            && !court.asked.has_cursor
            && members.member("nextCursor").is_none_or(|cursor| cursor.kind() == Some(Kind::Null))
        {
            let missing: Vec<String> = court.pins.missing(&names).map(str::to_owned).collect();
            for name in missing {
                noted.alert(Alert { code: "tool_missing".into(), kind: "pinned_tool_missing".into(), name: Some(name), place: None });
            }
        }
        noted.hidden = noted.hidden.saturating_add(stays.iter().filter(|stays| !**stays).count() as u64);
        splices.extend(without(&elements, &stays));
    }
    if has_list && court.tools.list == Listing::Filtered {
        splices.extend(private(members));
    }
    Ok(splices)
}

/// A list for one caller must not be another's: clients and proxies may share what is `public`.
fn private(members: &Object<'_>) -> Option<Splice> {
    let scope = members.member("cacheScope")?;
    (scope.string().as_deref() != Some("private")).then(|| Splice { at: scope.range(), new: b"\"private\"".to_vec() })
}

/// Whether an entry stays.
fn entry(court: &mut Court<'_>, noted: &mut Noted, what: What, element: Part<'_>, names: &mut BTreeSet<String>) -> Result<bool, EditError> {
    // Without a name it cannot be used, and who knows what it is read as.
    if element.kind() != Some(Kind::Object) {
        return Ok(court.tools.list == Listing::AsIs);
    }
    let named = element.object()?.exactly(&["name", "uri", "uriTemplate", "description"])?;
    let member = match what {
        What::Tool | What::Prompt => "name",
        What::Resource => "uri",
        What::Template => "uriTemplate",
    };
    let Some(name) = named.string(member) else { return Ok(court.tools.list == Listing::AsIs) };
    let mut stays = court.tools.list == Listing::AsIs || may_ever(court, what, &name);
    if what == What::Tool {
        stays &= pinned(court, noted, &name, element);
        names.insert(name.to_string());
    }
    if court.tools.hidden_instructions != HiddenInstructions::Off {
        let found = court.detector.definition(&element.value()?);
        let hides = court.tools.hidden_instructions == HiddenInstructions::Hide;
        stays &= found.is_empty() || !hides;
        for finding in found {
            let code = if hides { "hidden_instructions_removed" } else { "hidden_instructions" };
            noted.alert(Alert {
                code: code.into(),
                kind: finding.kind.name().into(),
                name: Some(name.to_string()),
                place: Some(finding.place),
            });
        }
    }
    Ok(stays)
}

/// Names that no call could carry through this filter are of no use either.
fn may_ever(court: &Court<'_>, what: What, name: &str) -> bool {
    const NAME_BYTES: usize = 1024;
    let is_name = (1..=NAME_BYTES).contains(&name.len()) && !name.chars().any(char::is_control);
    let ask = |offer: Offer<'_>| court.guard.may_ever(court.who, offer);
    match what {
        What::Tool => is_name && ask(Offer::Tool(name)),
        What::Prompt => is_name && ask(Offer::Prompt(name)),
        What::Resource => Uri::parse(name).is_some_and(|uri| ask(Offer::Resource(&uri))),
        What::Template => Template::parse(name).is_some_and(|template| ask(Offer::Template(&template))),
    }
}

fn pinned(court: &mut Court<'_>, noted: &mut Noted, name: &str, definition: Part<'_>) -> bool {
    let (code, kind, then) = match court.pins.see(name, definition.text) {
        Standing::Known => return true,
        Standing::Changed(then) => ("tool_changed", "definition_differs_from_pin", then),
        Standing::New(then) => ("tool_not_pinned", "definition_not_pinned", then),
    };
    noted.alert(Alert { code: code.into(), kind: kind.into(), name: Some(name.to_owned()), place: None });
    then != Unpinned::Hide
}
