//! Meetings: who organizes one changes it, who is invited sees it.

use jackfield_domain::{
    ChangeType, Denial, Error, Field, Kind, Listing, Meeting, MeetingField, MeetingId, MeetingPatch,
    MeetingPin, NewMeeting, NumberRange, Owner, Query, Result, Rule, TenantId, Thing, UserId, Violations,
    capability::HoldMeetings,
};
use jackfield_store::{MeetingRecord, NumberKind, Reads, Sequence};

use crate::{
    Directory, Mail, caller_ids, policy,
    secrets::Sealed,
    work::{Work, in_work},
};

/// How often a free number is drawn before the range is searched from its start.
const DRAWS: u32 = 16;

/// A meeting as a caller may see it.
#[derive(Debug, Clone)]
pub struct SeenMeeting {
    /// The meeting. For whom is only invited, the chairman's PIN is left out.
    pub meeting: Meeting,
    /// Whether the caller organizes it.
    pub own: bool,
    /// The SIP domain of its tenant.
    pub domain: String,
}

impl Directory {
    /// The meetings that a user organizes or is invited to, as a query asks for them.
    ///
    /// # Errors
    /// [`Error::Denied`] without the permission to hold meetings.
    pub async fn list_meetings(
        &self,
        owner: &Owner,
        query: &Query<MeetingField>,
    ) -> Result<Listing<SeenMeeting>> {
        may_meet(owner)?;
        let listing = self
            .store()
            .list_meetings(owner.tenant(), owner.user(), query)
            .await?;
        let domain = self.domain_of(owner.tenant()).await?;
        let items = listing
            .items
            .iter()
            .map(|record| self.seen_meeting(owner, record, &domain));
        Ok(Listing {
            items: items.collect::<Result<_>>()?,
            total: listing.total,
        })
    }

    /// A meeting that a user organizes or is invited to.
    ///
    /// # Errors
    /// `Absent(Meeting)`; [`Error::Denied`] without the permission to hold meetings.
    pub async fn meeting(&self, owner: &Owner, id: MeetingId) -> Result<SeenMeeting> {
        let record = visible_meeting(self.store().as_reads(), owner, id).await?;
        let domain = self.domain_of(owner.tenant()).await?;
        self.seen_meeting(owner, &record, &domain)
    }

    /// Makes a meeting and invites people to it. Gives its id and its number.
    ///
    /// # Errors
    /// [`Error::Invalid`], also for an invited user and a trunk that the tenant does not have; `Full(Meeting)` when no number is left;
    /// [`Error::Denied`] without the permission to hold meetings.
    pub async fn create_meeting(&self, owner: &Owner, new: NewMeeting) -> Result<(MeetingId, String)> {
        may_meet(owner)?;
        new.check().finish()?;
        let tenant = owner.tenant();
        let (id, number, mails) = in_work!(self, tenant, owner.caller().actor(), |work| {
            policy::existing_user(work.as_reads(), tenant, owner.user()).await?;
            check_invitees(&work, tenant, &new.settings.internal_invitees).await?;
            let number = self.claim_meeting_number(&mut work, tenant).await?;
            let id = MeetingId::new(work.next_id(Sequence::Item).await?);
            let meeting = Meeting {
                tenant,
                id,
                owner: owner.user(),
                extension_number: number.clone(),
                mode: new.mode,
                subject: new.subject.clone(),
                settings: new.settings.clone(),
                created_at: work.now(),
                version: 1,
            };
            let record = self.seal_meeting(meeting, 0)?;
            work.insert_meeting(&record).await?;
            let list = &record.meeting.settings.outbound_caller_ids;
            caller_ids::refer(&mut work, Kind::Meeting, id.get(), list).await?;
            work.journal_of(Kind::Meeting, id.get(), ChangeType::Created, Some(owner.user()))
                .await?;
            let mails = self.invite(work.as_reads(), &record, work.now()).await?;
            (id, number, mails)
        })?;
        self.post(mails);
        Ok((id, number))
    }

    /// Changes a meeting. The invited people are told of what concerns them.
    ///
    /// # Errors
    /// As of making one; `Absent(Meeting)`; `Denied(NotOrganizer)`.
    pub async fn update_meeting(&self, owner: &Owner, id: MeetingId, patch: MeetingPatch) -> Result<()> {
        let tenant = owner.tenant();
        let mails = in_work!(self, tenant, owner.caller().actor(), |work| {
            let before = self.organized_meeting(work.as_reads(), owner, id).await?;
            let mut meeting = self.open_meeting(&before)?;
            patch.check(&meeting).finish()?;
            let old = meeting.clone();
            if patch.clone().apply(&mut meeting) {
                let invited = &meeting.settings.internal_invitees;
                if *invited != old.settings.internal_invitees {
                    check_invitees(&work, tenant, invited).await?;
                }
                let list = &meeting.settings.outbound_caller_ids;
                if *list != old.settings.outbound_caller_ids {
                    caller_ids::refer(&mut work, Kind::Meeting, id.get(), list).await?;
                }
                meeting.version += 1;
                let told = self.tell(work.as_reads(), &old, &meeting, before.invitation + 1, work.now());
                let mails = told.await?;
                let invitation = before.invitation + i64::from(mails.is_some());
                work.update_meeting(&self.seal_meeting(meeting, invitation)?)
                    .await?;
                work.journal_of(
                    Kind::Meeting,
                    id.get(),
                    ChangeType::Updated,
                    Some(before.meeting.owner),
                )
                .await?;
                mails.unwrap_or_default()
            } else {
                Vec::new()
            }
        })?;
        self.post(mails);
        Ok(())
    }

    /// Calls a meeting off: its conference ends, its number comes free, the invited people are told.
    ///
    /// # Errors
    /// `Absent(Meeting)`; `Denied(NotOrganizer)`.
    pub async fn destroy_meeting(&self, owner: &Owner, id: MeetingId) -> Result<()> {
        let tenant = owner.tenant();
        let mails = in_work!(self, tenant, owner.caller().actor(), |work| {
            let record = self.organized_meeting(work.as_reads(), owner, id).await?;
            self.remove_meeting(&mut work, &record).await?
        })?;
        self.post(mails);
        Ok(())
    }

    /// Removes a meeting. Gives the mails that tell of it.
    async fn remove_meeting(&self, work: &mut Work, record: &MeetingRecord) -> Result<Vec<Mail>> {
        let meeting = &record.meeting;
        let mails = self.call_off(work.as_reads(), record, work.now()).await?;
        self.stop_if_running(work, meeting).await?;
        work.delete_meeting(meeting.tenant, meeting.id).await?;
        work.set_providers_of(meeting.tenant, Kind::Meeting, meeting.id.get(), &[])
            .await?;
        work.journal_of(
            Kind::Meeting,
            meeting.id.get(),
            ChangeType::Deleted,
            Some(meeting.owner),
        )
        .await?;
        Ok(mails)
    }

    /// Takes a user who is about to be destroyed out of all meetings; his own are called off. Gives the mails that tell of it.
    pub(crate) async fn leave_meetings(
        &self,
        work: &mut Work,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<Mail>> {
        let mut mails = Vec::new();
        for mut record in work.meetings_with(tenant, user).await? {
            if record.meeting.owner == user {
                mails.extend(self.remove_meeting(work, &record).await?);
                continue;
            }
            let meeting = &mut record.meeting;
            meeting.settings.internal_invitees.retain(|other| *other != user);
            meeting.version += 1;
            let (id, owner) = (meeting.id, meeting.owner);
            work.update_meeting(&record).await?;
            work.journal_of(Kind::Meeting, id.get(), ChangeType::Updated, Some(owner))
                .await?;
        }
        Ok(mails)
    }

    /// A number of the tenant's range that nothing has. It is drawn, so that an old invitation does not lead into a new meeting.
    async fn claim_meeting_number(&self, work: &mut Work, tenant: TenantId) -> Result<String> {
        let settings = work
            .tenant(tenant)
            .await?
            .ok_or(Error::Absent(Thing::Tenant))?
            .settings;
        let range = settings.meeting_numbers;
        let number = match self.draw_number(work, tenant, range).await? {
            Some(number) => number,
            None => first_free(work, tenant, range)
                .await?
                .ok_or(Error::Full(Thing::Meeting, range.size()))?,
        };
        work.claim_number(tenant, &number, NumberKind::Meeting).await?;
        Ok(number)
    }

    async fn draw_number(&self, work: &Work, tenant: TenantId, range: NumberRange) -> Result<Option<String>> {
        for _ in 0..DRAWS {
            let mut bytes = [0; 8];
            self.entropy().fill(&mut bytes);
            let number = range.at(u64::from_be_bytes(bytes));
            if work.number(tenant, &number).await?.is_none() {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// A meeting that the caller organizes.
    pub(crate) async fn organized_meeting(
        &self,
        reads: &dyn Reads,
        owner: &Owner,
        id: MeetingId,
    ) -> Result<MeetingRecord> {
        let record = visible_meeting(reads, owner, id).await?;
        if record.meeting.owner == owner.user() {
            Ok(record)
        } else {
            Err(Error::Denied(Denial::NotOrganizer))
        }
    }

    async fn domain_of(&self, tenant: TenantId) -> Result<String> {
        let tenant = self.store().tenant(tenant).await?;
        Ok(tenant.ok_or(Error::Absent(Thing::Tenant))?.domain)
    }

    fn seen_meeting(&self, owner: &Owner, record: &MeetingRecord, domain: &str) -> Result<SeenMeeting> {
        let own = record.meeting.owner == owner.user();
        let mut meeting = self.open_meeting(record)?;
        if !own {
            meeting.settings.admin_pin = None;
        }
        Ok(SeenMeeting {
            meeting,
            own,
            domain: domain.to_owned(),
        })
    }

    /// A stored meeting with its PINs in clear.
    pub(crate) fn open_meeting(&self, record: &MeetingRecord) -> Result<Meeting> {
        let mut meeting = record.meeting.clone();
        let (tenant, id) = (meeting.tenant.get(), meeting.id.get());
        let open = |what, sealed: &[u8]| -> Result<Option<MeetingPin>> {
            if sealed.is_empty() {
                return Ok(None);
            }
            let pin = self.sealer().open(what, tenant, id, sealed)?;
            Ok(Some(MeetingPin::new(pin)))
        };
        meeting.settings.admin_pin = open(Sealed::MeetingAdminPin, &record.sealed_admin_pin)?;
        meeting.settings.room_pin = open(Sealed::MeetingRoomPin, &record.sealed_room_pin)?;
        Ok(meeting)
    }

    fn seal_meeting(&self, mut meeting: Meeting, invitation: i64) -> Result<MeetingRecord> {
        let (tenant, id) = (meeting.tenant.get(), meeting.id.get());
        let seal = |what, pin: Option<MeetingPin>| match pin {
            Some(pin) => self.sealer().seal(self.entropy(), what, tenant, id, pin.reveal()),
            None => Ok(Vec::new()),
        };
        let sealed_admin_pin = seal(Sealed::MeetingAdminPin, meeting.settings.admin_pin.take())?;
        let sealed_room_pin = seal(Sealed::MeetingRoomPin, meeting.settings.room_pin.take())?;
        Ok(MeetingRecord {
            meeting,
            sealed_admin_pin,
            sealed_room_pin,
            invitation,
        })
    }
}

/// Whether the role allows meetings. An administrator of the installation has none: he is a user of no tenant.
fn may_meet(owner: &Owner) -> Result<()> {
    owner.caller().grant::<HoldMeetings>()?;
    if owner.tenant().is_system() {
        return Err(Error::Denied(Denial::NoTenant));
    }
    Ok(())
}

/// A meeting that the caller organizes or is invited to.
pub(crate) async fn visible_meeting(
    reads: &dyn Reads,
    owner: &Owner,
    id: MeetingId,
) -> Result<MeetingRecord> {
    may_meet(owner)?;
    let user = owner.user();
    reads
        .meeting(owner.tenant(), id)
        .await?
        .filter(|record| {
            record.meeting.owner == user || record.meeting.settings.internal_invitees.contains(&user)
        })
        .ok_or(Error::Absent(Thing::Meeting))
}

/// Whether the tenant has all of these users; names those whom it has not.
async fn check_invitees(work: &Work, tenant: TenantId, invited: &[UserId]) -> Result<()> {
    let ids: Vec<i64> = invited.iter().map(|user| user.get()).collect();
    let known = work.users_among(tenant, &ids).await?;
    let mut found = Violations::new();
    for (index, user) in invited.iter().enumerate() {
        if known.iter().all(|known| known.id != *user) {
            found.add_at(Field::InternalInvitees, format!("[{index}]"), Rule::Unknown);
        }
    }
    found.finish()
}

/// The lowest number of a range that nothing has.
async fn first_free(work: &Work, tenant: TenantId, range: NumberRange) -> Result<Option<String>> {
    let taken = work
        .numbers_between(tenant, &range.first(), &range.last())
        .await?;
    let mut taken = taken.into_iter().peekable();
    Ok(range
        .numbers()
        .find(|number| taken.next_if(|taken| taken == number).is_none()))
}
