//! Recorded calls.

use std::sync::LazyLock;

use jackfield_domain::{
    BlobKey, NewRecording, Recording, RecordingField, RecordingId, TenantId, Timestamp, UserId, text::fold,
};

use super::{
    Report, Tables,
    Type::{self, Number, Text},
};
use crate::db::{Cell, Error, Row};
use crate::query::Columns;
use crate::repo::word;

impl Columns for RecordingField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Caller => "caller",
            Self::Callee => "callee",
            Self::StartedAt => "started_at",
            Self::EndedAt => "ended_at",
        }
    }
}

impl Report for Recording {
    type Field = RecordingField;

    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("external_id", Text),
        ("caller_user", Number),
        ("callee_user", Number),
        ("call_id", Text),
        ("caller", Text),
        ("callee", Text),
        ("started_at", Number),
        ("ended_at", Number),
        ("file_name", Text),
        ("file_key", Text),
        ("file_size", Number),
        ("created_at", Number),
        ("search_text", Text),
    ];
    const USERS: [&'static str; 2] = ["caller_user", "callee_user"];
    const REMOVABLE: bool = true;
    const ID: RecordingField = RecordingField::Id;

    fn tables() -> &'static Tables {
        static TABLES: LazyLock<Tables> =
            LazyLock::new(|| Tables::of::<Recording>("recordings", "recording_entries"));
        &TABLES
    }

    fn id(&self) -> i64 {
        self.id.get()
    }

    fn users(&self) -> [Option<UserId>; 2] {
        [self.caller_user, self.callee_user]
    }

    fn at(&self) -> Timestamp {
        self.recording.started_at
    }

    fn search_text(&self) -> String {
        fold(&[self.recording.caller.as_str(), &self.recording.callee].join("\n"))
    }

    fn cells<'a>(&'a self, search_text: &'a str) -> Vec<Cell<'a>> {
        let recording = &self.recording;
        vec![
            (&recording.external_id).into(),
            self.caller_user.map(UserId::get).into(),
            self.callee_user.map(UserId::get).into(),
            (&recording.call_id).into(),
            (&recording.caller).into(),
            (&recording.callee).into(),
            recording.started_at.as_micros().into(),
            recording.ended_at.as_micros().into(),
            (&recording.file_name).into(),
            self.file_key.as_ref().map(BlobKey::as_str).into(),
            self.file_size.into(),
            self.created_at.as_micros().into(),
            search_text.into(),
        ]
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        let key = row
            .opt_text(11)?
            .map(|text| word(BlobKey::parse(text), "key of a file"));
        Ok(Self {
            tenant: TenantId::new(row.get(0)?),
            id: RecordingId::new(row.get(1)?),
            caller_user: row.get::<Option<i64>>(3)?.map(UserId::new),
            callee_user: row.get::<Option<i64>>(4)?.map(UserId::new),
            recording: NewRecording {
                external_id: row.get(2)?,
                call_id: row.get(5)?,
                caller: row.get(6)?,
                callee: row.get(7)?,
                started_at: Timestamp::from_micros(row.get(8)?),
                ended_at: Timestamp::from_micros(row.get(9)?),
                file_name: row.get(10)?,
            },
            file_key: key.transpose()?,
            file_size: row.get(12)?,
            created_at: Timestamp::from_micros(row.get(13)?),
        })
    }
}
