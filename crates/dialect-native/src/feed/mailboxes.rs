//! How many messages lie in voicemail boxes.

use jackfield_directory::ReportedMailbox;
use jackfield_domain::{Field, MessageCounts, Result, Violations};
use jackfield_edge::{Input, conclude};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{batch::takes, wire::required_text};

/// A voicemail box as it is now. Telephones of the extension that watch it show whether messages wait.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct MailboxReport {
    /// The number of the extension that it belongs to.
    #[serde(default)]
    #[schema(value_type = String, required = true, min_length = 3, max_length = 64)]
    extension_number: Input<String>,
    /// Messages that nobody has heard yet.
    #[serde(default)]
    #[schema(value_type = i64, required = true, minimum = 0, maximum = 100_000)]
    new_messages: Input<i64>,
    /// Messages that were heard and kept.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 100_000)]
    old_messages: Input<i64>,
    /// How many of the new ones are urgent.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 100_000)]
    urgent_new_messages: Input<i64>,
    /// How many of the old ones are urgent.
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 100_000)]
    urgent_old_messages: Input<i64>,
}

impl MailboxReport {
    fn into_report(self) -> Result<ReportedMailbox> {
        let mut found = Violations::new();
        let at = &mut found;
        let mut some = |input: Input<i64>, field| input.optional(at, field).unwrap_or_default();
        let (old, urgent_new, urgent_old) = (
            some(self.old_messages, Field::OldMessages),
            some(self.urgent_new_messages, Field::UrgentNewMessages),
            some(self.urgent_old_messages, Field::UrgentOldMessages),
        );
        let new = self.new_messages.required(&mut found, Field::NewMessages);
        let extension_number = required_text(self.extension_number, &mut found, Field::ExtensionNumber);
        let report = ReportedMailbox {
            extension_number,
            messages: MessageCounts {
                new: new.unwrap_or_default(),
                old,
                urgent_new,
                urgent_old,
            },
        };
        conclude(found, || report.messages.check())?;
        Ok(report)
    }
}

takes! {
    /// Report how many messages lie in voicemail boxes
    ///
    /// One, a list of up to 10,000, or a stream of lines. The last report of a box counts; one that says what is known already is
    /// `known`.
    "/feed/mailboxes" of MailboxReport as ReportedMailbox, by report_mailboxes
}
