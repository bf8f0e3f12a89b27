//! Meetings and the state of their conferences.

use async_trait::async_trait;
use jackfield_domain::{
    Listing, Meeting, MeetingField, MeetingId, MeetingMode, MeetingSettings, ParticipantId, Query, Room,
    TenantId, Timestamp, UserId, text::fold,
};
use jackfield_store::{
    MeetingReads, MeetingRecord, MeetingWrites, NumberWrites as _, Result, decode_meeting_settings,
    decode_room, encode_meeting_settings, encode_room,
};

use super::{document, exists, unstorable, word};
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

macro_rules! meeting_columns {
    () => {
        "tenant_id, id, owner, extension_number, mode, subject, scheduled_start_at, scheduled_end_at, created_at, \
         version, invitation, sealed_admin_pin, sealed_room_pin, settings"
    };
}

/// A statement that reads meetings.
macro_rules! select_meetings {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            meeting_columns!(),
            " FROM meetings WHERE tenant_id = $1 ",
            $rest
        )
    };
}

impl Columns for MeetingField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::ExtensionNumber => "extension_number",
            Self::Mode => "mode",
            Self::Subject => "subject",
            Self::CreatedAt => "created_at",
            Self::ScheduledStartAt => "scheduled_start_at",
            Self::ScheduledEndAt => "scheduled_end_at",
        }
    }

    fn nullable(self) -> bool {
        matches!(self, Self::ScheduledStartAt | Self::ScheduledEndAt)
    }
}

/// The mode in capitals: lists are filtered by it as dialects write it.
fn mode(mode: MeetingMode) -> String {
    mode.word().to_ascii_uppercase()
}

fn record(row: &Row<'_>) -> std::result::Result<MeetingRecord, Error> {
    let time = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    Ok(MeetingRecord {
        meeting: Meeting {
            tenant: TenantId::new(row.get(0)?),
            id: MeetingId::new(row.get(1)?),
            owner: UserId::new(row.get(2)?),
            extension_number: row.get(3)?,
            mode: word(
                MeetingMode::from_word(&row.text(4)?.to_ascii_lowercase()),
                "mode of a meeting",
            )?,
            subject: row.get(5)?,
            settings: MeetingSettings {
                scheduled_start_at: time(row.get(6)?),
                scheduled_end_at: time(row.get(7)?),
                ..document(decode_meeting_settings(row.text(13)?))?
            },
            created_at: Timestamp::from_micros(row.get(8)?),
            version: row.get(9)?,
        },
        invitation: row.get(10)?,
        sealed_admin_pin: row.get(11)?,
        sealed_room_pin: row.get(12)?,
    })
}

/// What a search looks at. Neither value holds a line end, so nothing is found across the two.
fn search_text(meeting: &Meeting) -> String {
    fold(&[meeting.subject.as_str(), &meeting.extension_number].join("\n"))
}

#[async_trait]
impl<S: Sql, X: Send + Sync> MeetingReads for Records<S, X> {
    async fn meeting(&self, tenant: TenantId, id: MeetingId) -> Result<Option<MeetingRecord>> {
        let sql = select_meetings!("AND id = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], record).await?)
    }

    async fn list_meetings(
        &self,
        tenant: TenantId,
        user: UserId,
        query: &Query<MeetingField>,
    ) -> Result<Listing<MeetingRecord>> {
        let list = List {
            table: "(SELECT meetings.*, meeting_people.user_id FROM meetings JOIN meeting_people \
                    ON meeting_people.tenant_id = meetings.tenant_id AND meeting_people.meeting_id = meetings.id) \
                    AS seen",
            columns: meeting_columns!(),
            tenant: Some(tenant),
            tally: None,
        };
        let person = Some(("user_id", user.get()));
        list.run_in(&self.sql, person, query, record).await
    }

    async fn meetings_with(&self, tenant: TenantId, user: UserId) -> Result<Vec<MeetingRecord>> {
        let sql = select_meetings!(
            "AND id IN (SELECT meeting_id FROM meeting_people WHERE tenant_id = $1 AND user_id = $2) ORDER BY id"
        );
        Ok(self.sql.all(sql, &[&tenant.get(), &user.get()], record).await?)
    }

    async fn room(&self, tenant: TenantId, meeting: MeetingId) -> Result<Option<Room>> {
        let sql = "SELECT room FROM conferences WHERE tenant_id = $1 AND meeting_id = $2";
        Ok(self
            .sql
            .one(sql, &[&tenant.get(), &meeting.get()], |row| {
                document(decode_room(row.text(0)?))
            })
            .await?)
    }

    async fn visit(
        &self,
        tenant: TenantId,
        meeting: MeetingId,
        external_id: &str,
    ) -> Result<Option<ParticipantId>> {
        if unstorable(external_id) {
            return Ok(None);
        }
        let sql = "SELECT participant FROM conference_visits \
                   WHERE tenant_id = $1 AND meeting_id = $2 AND external_id = $3";
        Ok(self
            .sql
            .one(sql, &[&tenant.get(), &meeting.get(), &external_id], |row| {
                row.get(0).map(ParticipantId::new)
            })
            .await?)
    }
}

impl SqlTransaction {
    /// Writes down whose lists a meeting is in.
    async fn set_people(&mut self, meeting: &Meeting) -> Result<()> {
        let (tenant, id) = (meeting.tenant.get(), meeting.id.get());
        let sql = "DELETE FROM meeting_people WHERE tenant_id = $1 AND meeting_id = $2";
        self.sql.exec(sql, &[&tenant, &id]).await?;
        let sql = "INSERT INTO meeting_people (tenant_id, user_id, meeting_id) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        for user in [meeting.owner].iter().chain(&meeting.settings.internal_invitees) {
            self.sql.exec(sql, &[&tenant, &user.get(), &id]).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl MeetingWrites for SqlTransaction {
    async fn insert_meeting(&mut self, record: &MeetingRecord) -> Result<()> {
        let meeting = &record.meeting;
        let time = |time: Option<Timestamp>| time.map(Timestamp::as_micros);
        self.sql
            .exec(
                "INSERT INTO meetings (tenant_id, id, owner, extension_number, mode, subject, scheduled_start_at, \
                 scheduled_end_at, created_at, version, invitation, sealed_admin_pin, sealed_room_pin, search_text, \
                 settings) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                &[
                    &meeting.tenant.get(),
                    &meeting.id.get(),
                    &meeting.owner.get(),
                    &meeting.extension_number,
                    &mode(meeting.mode),
                    &meeting.subject,
                    &time(meeting.settings.scheduled_start_at),
                    &time(meeting.settings.scheduled_end_at),
                    &meeting.created_at.as_micros(),
                    &meeting.version,
                    &record.invitation,
                    &record.sealed_admin_pin,
                    &record.sealed_room_pin,
                    &search_text(meeting),
                    &encode_meeting_settings(&meeting.settings),
                ],
            )
            .await?;
        self.set_people(meeting).await
    }

    async fn update_meeting(&mut self, record: &MeetingRecord) -> Result<()> {
        let meeting = &record.meeting;
        let time = |time: Option<Timestamp>| time.map(Timestamp::as_micros);
        let changed = self
            .sql
            .exec(
                "UPDATE meetings SET subject = $3, scheduled_start_at = $4, scheduled_end_at = $5, version = $6, \
                 invitation = $7, sealed_admin_pin = $8, sealed_room_pin = $9, search_text = $10, settings = $11 \
                 WHERE tenant_id = $1 AND id = $2",
                &[
                    &meeting.tenant.get(),
                    &meeting.id.get(),
                    &meeting.subject,
                    &time(meeting.settings.scheduled_start_at),
                    &time(meeting.settings.scheduled_end_at),
                    &meeting.version,
                    &record.invitation,
                    &record.sealed_admin_pin,
                    &record.sealed_room_pin,
                    &search_text(meeting),
                    &encode_meeting_settings(&meeting.settings),
                ],
            )
            .await?;
        exists(changed)?;
        self.set_people(meeting).await
    }

    async fn delete_meeting(&mut self, tenant: TenantId, id: MeetingId) -> Result<bool> {
        let sql = "DELETE FROM meetings WHERE tenant_id = $1 AND id = $2 RETURNING extension_number";
        let number: Option<String> = self
            .sql
            .one(sql, &[&tenant.get(), &id.get()], |row| row.get(0))
            .await?;
        match number {
            Some(number) => self.release_number(tenant, &number).await,
            None => Ok(false),
        }
    }

    async fn set_room(&mut self, tenant: TenantId, meeting: MeetingId, room: Option<&Room>) -> Result<()> {
        let (tenant, meeting) = (tenant.get(), meeting.get());
        let Some(room) = room else {
            let sql = "DELETE FROM conferences WHERE tenant_id = $1 AND meeting_id = $2";
            self.sql.exec(sql, &[&tenant, &meeting]).await?;
            return Ok(());
        };
        let sql = "INSERT INTO conferences (tenant_id, meeting_id, room) VALUES ($1, $2, $3) \
                   ON CONFLICT (tenant_id, meeting_id) DO UPDATE SET room = excluded.room";
        self.sql
            .exec(sql, &[&tenant, &meeting, &encode_room(room)])
            .await?;
        Ok(())
    }

    async fn insert_visit(
        &mut self,
        tenant: TenantId,
        meeting: MeetingId,
        external_id: &str,
        participant: ParticipantId,
    ) -> Result<()> {
        let sql = "INSERT INTO conference_visits (tenant_id, meeting_id, external_id, participant) \
                   VALUES ($1, $2, $3, $4)";
        let params = (tenant.get(), meeting.get(), participant.get());
        self.sql
            .exec(sql, &[&params.0, &params.1, &external_id, &params.2])
            .await?;
        Ok(())
    }

    async fn forget_visits(&mut self, tenant: TenantId, meeting: MeetingId) -> Result<()> {
        let sql = "DELETE FROM conference_visits WHERE tenant_id = $1 AND meeting_id = $2";
        self.sql.exec(sql, &[&tenant.get(), &meeting.get()]).await?;
        Ok(())
    }
}
