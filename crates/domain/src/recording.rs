//! Recorded calls.

use crate::{
    BlobKey, Field, Queried, RecordingId, TenantId, Timestamp, UserId, ValueKind, Violations, call_record,
    check_file_name, limits,
};

/// The sound or picture of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: RecordingId,
    /// The user who called, when he was one of the tenant's.
    pub caller_user: Option<UserId>,
    /// The user who was called, when he was one of the tenant's.
    pub callee_user: Option<UserId>,
    /// What it is of.
    pub recording: NewRecording,
    /// Where its file is; none while the file has not been handed in.
    pub file_key: Option<BlobKey>,
    /// The bytes of its file.
    pub file_size: i64,
    /// When it was reported.
    pub created_at: Timestamp,
}

/// A recording as an engine reports it, without its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecording {
    /// The engine's own id of the recording, unique in the tenant.
    pub external_id: String,
    /// The call it is of.
    pub call_id: String,
    /// The calling number.
    pub caller: String,
    /// The called number.
    pub callee: String,
    /// When it begins.
    pub started_at: Timestamp,
    /// When it ends.
    pub ended_at: Timestamp,
    /// The name that its file is handed out with.
    pub file_name: String,
}

/// A value of a recording that lists can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the value of the same name in `Recording`")]
pub enum RecordingField {
    Id,
    Caller,
    Callee,
    StartedAt,
    EndedAt,
}

impl Queried for RecordingField {
    fn kind(self) -> ValueKind {
        match self {
            Self::Id => ValueKind::Number,
            Self::Caller | Self::Callee => ValueKind::Text,
            Self::StartedAt | Self::EndedAt => ValueKind::Time,
        }
    }
}

impl NewRecording {
    /// Whole seconds that it lasts.
    pub fn duration(&self) -> i64 {
        i64::try_from(self.ended_at.since(self.started_at).as_secs()).unwrap_or(i64::MAX)
    }

    /// Every rule that the report breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        call_record::check_external_id(&mut found, &self.external_id);
        found.text(Field::CallId, &self.call_id, limits::CALL_TEXT);
        found.text(Field::Caller, &self.caller, limits::CALL_PARTY);
        found.text(Field::Callee, &self.callee, limits::CALL_PARTY);
        call_record::check_span(&mut found, Field::EndedAt, self.started_at, self.ended_at);
        check_file_name(&mut found, &self.file_name);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(file_name: &str) -> NewRecording {
        NewRecording {
            external_id: "rec-1".into(),
            call_id: String::new(),
            caller: "1001".into(),
            callee: "1002".into(),
            started_at: Timestamp::from_micros(0),
            ended_at: Timestamp::from_micros(61_900_000),
            file_name: file_name.into(),
        }
    }

    #[test]
    fn file_names_are_names_only() {
        for good in ["call.wav", "Anruf Müller.mp3", &"x".repeat(255)] {
            assert!(named(good).check().is_empty(), "{good}");
        }
        for bad in ["", "..", "../x.wav", "a\\b.wav", "a\nb.wav", &"ü".repeat(128)] {
            assert!(named(bad).check().concerns(Field::FileName), "{bad}");
        }
    }

    #[test]
    fn it_lasts_from_start_to_end() {
        assert_eq!(named("a").duration(), 61);
        let backwards = NewRecording {
            ended_at: Timestamp::from_micros(-1),
            ..named("a")
        };
        assert!(backwards.check().concerns(Field::EndedAt));
    }
}
