//! How a server introduces itself: its instructions go to the model like a tool's description.

use super::splice::Object;
use super::{Court, EditError, Noted};
use crate::audit::Alert;
use crate::policy::HiddenInstructions;

/// Looks; nothing is taken out, for without its introduction there is no server.
pub(super) fn look(court: &Court<'_>, noted: &mut Noted, members: &Object<'_>) -> Result<(), EditError> {
    if court.tools.hidden_instructions == HiddenInstructions::Off {
        return Ok(());
    }
    for member in ["instructions", "serverInfo"] {
        let Some(part) = members.member(member) else { continue };
        for finding in court.detector.definition(&part.value()?) {
            let place = Some(format!("/{member}{}", finding.place));
            noted.alert(Alert { code: "hidden_instructions".into(), kind: finding.kind.name().into(), name: None, place });
        }
    }
    Ok(())
}
