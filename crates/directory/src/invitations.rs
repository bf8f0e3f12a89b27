//! Mails to the people invited to a meeting, with an entry for their calendars.
//!
//! Moments stand in the entry in UTC, which every calendar shows in the time of who reads it, and in the text in the meeting's
//! own time zone. One meeting is one entry for good: its UID stays, and its sequence number grows with what is told.

use icalendar::{Calendar, Component as _, Event, Property};
use jackfield_domain::{Error, Meeting, Result, Tenant, Timestamp, User, text::fold};
use jackfield_store::{MeetingRecord, Reads};
use jiff::tz::TimeZone;

use crate::{CalendarPart, Directory, Mail, policy};

const REQUEST: &str = "REQUEST";
const CANCEL: &str = "CANCEL";

/// Somebody who is invited and has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Guest {
    address: String,
    name: String,
}

impl Guest {
    fn is(&self, other: &Self) -> bool {
        fold(&self.address) == fold(&other.address)
    }
}

/// A meeting with what an invitation says of it.
struct Invitation<'a> {
    meeting: &'a Meeting,
    tenant: &'a Tenant,
    organizer: &'a User,
    sequence: i64,
    now: Timestamp,
}

impl Directory {
    /// The mails that invite to a new meeting.
    pub(crate) async fn invite(
        &self,
        reads: &dyn Reads,
        record: &MeetingRecord,
        now: Timestamp,
    ) -> Result<Vec<Mail>> {
        let meeting = self.open_meeting(record)?;
        let guests = self.guests(reads, &meeting).await?;
        if guests.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant, organizer) = hosts(reads, &meeting).await?;
        let invitation = Invitation {
            meeting: &meeting,
            tenant: &tenant,
            organizer: &organizer,
            sequence: record.invitation,
            now,
        };
        let mail = |guest| invitation.mail(guest, "Invitation", "invites you to a meeting", &guests, REQUEST);
        Ok(guests.iter().map(mail).collect())
    }

    /// The mails that tell of a change: an invitation to who is new, a cancellation to who is no longer invited, and to the
    /// others what else they were told is different. None when nobody has to be told anything.
    pub(crate) async fn tell(
        &self,
        reads: &dyn Reads,
        old: &Meeting,
        new: &Meeting,
        sequence: i64,
        now: Timestamp,
    ) -> Result<Option<Vec<Mail>>> {
        let differs = told(old) != told(new);
        let same_people = old.settings.internal_invitees == new.settings.internal_invitees
            && old.settings.external_invitees == new.settings.external_invitees;
        if !differs && same_people {
            return Ok(None);
        }
        let (before, after) = (self.guests(reads, old).await?, self.guests(reads, new).await?);
        if before.is_empty() && after.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (tenant, organizer) = hosts(reads, new).await?;
        let invitation = |meeting| Invitation {
            meeting,
            tenant: &tenant,
            organizer: &organizer,
            sequence,
            now,
        };
        let mut mails = Vec::new();
        for guest in &after {
            if !before.iter().any(|other| other.is(guest)) {
                mails.push(invitation(new).mail(
                    guest,
                    "Invitation",
                    "invites you to a meeting",
                    &after,
                    REQUEST,
                ));
            } else if differs {
                let what = "has changed a meeting that you are invited to";
                let mut mail = invitation(new).mail(guest, "Changed", what, &after, REQUEST);
                if mail.calendar.is_none() {
                    // It is no longer planned for a time: the entry goes.
                    mail.calendar = invitation(old).entry(&after, CANCEL);
                }
                mails.push(mail);
            }
        }
        for guest in before
            .iter()
            .filter(|guest| !after.iter().any(|other| other.is(guest)))
        {
            let alone = std::slice::from_ref(guest);
            mails.push(invitation(old).mail(
                guest,
                "Called off",
                "no longer invites you to a meeting",
                alone,
                CANCEL,
            ));
        }
        Ok(Some(mails))
    }

    /// The mails that call a meeting off.
    pub(crate) async fn call_off(
        &self,
        reads: &dyn Reads,
        record: &MeetingRecord,
        now: Timestamp,
    ) -> Result<Vec<Mail>> {
        let guests = self.guests(reads, &record.meeting).await?;
        if guests.is_empty() {
            return Ok(Vec::new());
        }
        let (tenant, organizer) = hosts(reads, &record.meeting).await?;
        let invitation = Invitation {
            meeting: &record.meeting,
            tenant: &tenant,
            organizer: &organizer,
            sequence: record.invitation + 1,
            now,
        };
        let mail = |guest| invitation.mail(guest, "Called off", "has called off a meeting", &guests, CANCEL);
        Ok(guests.iter().map(mail).collect())
    }

    /// Sends mails, by a task of its own: a mail server that is slow or away keeps nobody from meeting.
    pub(crate) fn post(&self, mails: Vec<Mail>) {
        let Some(mailer) = self.inner.mailer.clone().filter(|_| !mails.is_empty()) else {
            return;
        };
        tokio::spawn(async move {
            for mail in mails {
                if let Err(error) = mailer.send(mail).await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "an invitation to a meeting was not sent"
                    );
                }
            }
        });
    }

    /// The invited people who have an address, each once. Nobody when no mail can be sent anyway.
    async fn guests(&self, reads: &dyn Reads, meeting: &Meeting) -> Result<Vec<Guest>> {
        if self.inner.mailer.is_none() {
            return Ok(Vec::new());
        }
        let settings = &meeting.settings;
        let ids: Vec<i64> = settings.internal_invitees.iter().map(|user| user.get()).collect();
        let users = reads.users_among(meeting.tenant, &ids).await?;
        let inside = users.into_iter().filter(|user| user.enabled).map(|user| Guest {
            address: user.email,
            name: if user.display_name.is_empty() {
                user.name
            } else {
                user.display_name
            },
        });
        let outside = settings.external_addresses().map(|address| Guest {
            address: address.to_owned(),
            name: String::new(),
        });
        let mut guests: Vec<Guest> = Vec::new();
        for guest in inside.chain(outside) {
            if !guest.address.is_empty() && !guests.iter().any(|other| other.is(&guest)) {
                guests.push(guest);
            }
        }
        Ok(guests)
    }
}

/// The tenant of a meeting and its organizer.
async fn hosts(reads: &dyn Reads, meeting: &Meeting) -> Result<(Tenant, User)> {
    let tenant = reads.tenant(meeting.tenant).await?;
    let tenant = tenant.ok_or(Error::Absent(jackfield_domain::Thing::Tenant))?;
    let organizer = policy::existing_user(reads, meeting.tenant, meeting.owner).await?;
    Ok((tenant, organizer))
}

/// What an invitation says, beside who else is invited.
fn told(meeting: &Meeting) -> impl PartialEq + '_ {
    let settings = &meeting.settings;
    (
        &meeting.subject,
        settings.scheduled_start_at,
        settings.scheduled_end_at,
        &settings.timezone,
        &settings.room_pin,
    )
}

impl Invitation<'_> {
    fn mail(&self, to: &Guest, kind: &str, what: &str, guests: &[Guest], method: &'static str) -> Mail {
        Mail {
            to: to.address.clone(),
            subject: format!("{kind}: {}", self.meeting.subject),
            text: format!("{} {what}.\n\n{}", self.host(), self.text(method)),
            calendar: self.entry(guests, method),
        }
    }

    fn host(&self) -> &str {
        if self.organizer.display_name.is_empty() {
            &self.organizer.name
        } else {
            &self.organizer.display_name
        }
    }

    /// What the meeting is about, when it is and how to come in; the last not for whom it is called off.
    fn text(&self, method: &str) -> String {
        let Meeting {
            subject,
            extension_number,
            settings,
            ..
        } = self.meeting;
        let mut lines = vec![format!("Subject: {subject}")];
        if let Some(start) = settings.scheduled_start_at {
            let zone = TimeZone::get(&settings.timezone).unwrap_or(TimeZone::UTC);
            let shown = |moment| written(moment, &zone, "%A, %-d %B %Y, %H:%M");
            let until = settings.scheduled_end_at;
            let until = until.map_or_else(String::new, |end| format!(" to {}", shown(end)));
            lines.push(format!("When: {}{until} ({})", shown(start), settings.timezone));
        }
        lines.push(format!("Number: {extension_number} at {}", self.tenant.domain));
        if let Some(pin) = settings.room_pin.as_ref().filter(|_| method == REQUEST) {
            lines.push(format!("PIN: {}", pin.reveal()));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// The entry of a calendar; none for a meeting that is not planned for a time.
    fn entry(&self, guests: &[Guest], method: &'static str) -> Option<CalendarPart> {
        let settings = &self.meeting.settings;
        let start = settings.scheduled_start_at?;
        let utc = |moment| written(moment, &TimeZone::UTC, "%Y%m%dT%H%M%SZ");
        let domain = &self.tenant.domain;
        let mut event = Event::with_uid(&format!("meeting-{}@{domain}", self.meeting.id));
        event
            .add_property("DTSTAMP", utc(self.now))
            .add_property("DTSTART", utc(start))
            .add_property("SEQUENCE", self.sequence.to_string())
            .add_property("SUMMARY", &self.meeting.subject)
            .add_property("DESCRIPTION", self.text(method))
            .add_property(
                "LOCATION",
                format!("{} at {domain}", self.meeting.extension_number),
            )
            .add_property(
                "STATUS",
                if method == CANCEL {
                    "CANCELLED"
                } else {
                    "CONFIRMED"
                },
            );
        if let Some(end) = settings.scheduled_end_at {
            event.add_property("DTEND", utc(end));
        }
        event.append_property(named("ORGANIZER", &self.organizer_address(), self.host()));
        for guest in guests {
            let name = if guest.name.is_empty() {
                &guest.address
            } else {
                &guest.name
            };
            let mut attendee = named("ATTENDEE", &format!("mailto:{}", guest.address), name);
            attendee.add_parameter("ROLE", "REQ-PARTICIPANT");
            event.append_multi_property(attendee);
        }
        let mut calendar = Calendar::empty();
        for (name, value) in [
            ("VERSION", "2.0"),
            ("PRODID", "-//Jackfield//Meetings//EN"),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", method),
        ] {
            calendar.append_property(Property::new(name, value));
        }
        calendar.push(event);
        Some(CalendarPart {
            method,
            content: calendar.to_string(),
        })
    }

    /// Where the organizer is reached: by mail, else by telephone.
    fn organizer_address(&self) -> String {
        let User {
            email,
            name,
            extension_number,
            ..
        } = self.organizer;
        if email.is_empty() {
            let number = extension_number.as_deref().unwrap_or(name);
            format!("sip:{number}@{}", self.tenant.domain)
        } else {
            format!("mailto:{email}")
        }
    }
}

/// Somebody in a calendar entry. A name stands there in quotation marks, so it can hold none.
fn named(property: &str, address: &str, name: &str) -> Property {
    let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').collect();
    let mut property = Property::new(property, address);
    property.add_parameter("CN", &name);
    property
}

/// A moment on the clocks of a time zone.
fn written(moment: Timestamp, zone: &TimeZone, form: &str) -> String {
    let moment = jiff::Timestamp::from_microsecond(moment.as_micros()).unwrap_or_default();
    moment.to_zoned(zone.clone()).strftime(form).to_string()
}
