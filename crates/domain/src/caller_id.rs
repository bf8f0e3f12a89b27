//! The numbers under which calls go out.

use crate::{Field, ProviderId, Rule, Violations, limits};

/// A caller id that a user, a group or a tenant may show on outbound calls of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundCallerId {
    /// The trunk it belongs to.
    pub provider: ProviderId,
    /// The number or name to show.
    pub caller_id: String,
    /// Whether it is used when the caller chooses none. Only a user's list has a preferred one.
    pub preferred: bool,
    /// A note for people.
    pub description: String,
}

/// Checks a list of caller ids.
pub(crate) fn check(found: &mut Violations, list: &[OutboundCallerId]) {
    let field = Field::OutboundCallerIds;
    if list.len() > limits::CALLER_IDS {
        found.add(field, Rule::TooMany(limits::CALLER_IDS));
        return;
    }
    if list.iter().filter(|entry| entry.preferred).count() > 1 {
        found.add(field, Rule::Other("must have at most one preferred entry".into()));
    }
    for (index, entry) in list.iter().enumerate() {
        let length = entry.caller_id.chars().count();
        if length == 0 {
            found.add_at(field, format!("[{index}].caller_id"), Rule::Required);
        } else if length > *limits::CALLER_ID.end() {
            found.add_at(
                field,
                format!("[{index}].caller_id"),
                Rule::TooLong(*limits::CALLER_ID.end()),
            );
        }
        if entry.caller_id.chars().any(char::is_control) {
            found.add_at(
                field,
                format!("[{index}].caller_id"),
                Rule::Form("text without control characters"),
            );
        }
        if entry.description.chars().count() > limits::DESCRIPTION {
            found.add_at(
                field,
                format!("[{index}].description"),
                Rule::TooLong(limits::DESCRIPTION),
            );
        }
        if list
            .iter()
            .take(index)
            .any(|other| other.provider == entry.provider && other.caller_id == entry.caller_id)
        {
            found.add_at(field, format!("[{index}]"), Rule::Repeated);
        }
    }
}
