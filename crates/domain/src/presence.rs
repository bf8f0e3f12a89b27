//! What a user says of himself, and what others see of him.

use crate::{
    Denial, Error, Field, LiveCall, Patch, Registration, Result, TenantId, Timestamp, UserId, Violations,
    change::words, limits,
};

words! {
    /// What a user says of himself. These may be written, and no others: being on a call or offline is observed.
    #[derive(Default)]
    Presence {
        /// He takes calls.
        #[default]
        Available = "available",
        /// He is not at his place.
        Away = "away",
        /// He travels.
        BusinessTrip = "business_trip",
        /// He eats.
        Lunch = "lunch",
        /// He wants no calls.
        DoNotDisturb = "do_not_disturb",
    }
}

words! {
    /// What others see: what the user says of himself, refined by what his phones do.
    SeenPresence {
        /// He takes calls.
        Available = "available",
        /// He is not at his place.
        Away = "away",
        /// He travels.
        BusinessTrip = "business_trip",
        /// He eats.
        Lunch = "lunch",
        /// He wants no calls.
        DoNotDisturb = "do_not_disturb",
        /// He would take calls and is in one.
        OnCall = "on_call",
        /// He would take calls and no phone of his is bound.
        Offline = "offline",
    }
}

words! {
    /// What a user's phones do.
    UserStatus {
        /// At least one is bound.
        Online = "online",
        /// He speaks.
        OnCall = "on_call",
        /// None is bound.
        Offline = "offline",
    }
}

impl UserStatus {
    /// The status that follows from a user's registrations and calls at a moment. A call counts even when no phone is bound:
    /// he may have taken it on a number that his calls are forwarded to. Ringing alone is not a call yet.
    pub fn derive<'a>(
        registrations: impl IntoIterator<Item = &'a Registration>,
        calls: impl IntoIterator<Item = &'a LiveCall>,
        now: Timestamp,
    ) -> Self {
        if calls
            .into_iter()
            .any(|call| call.is_current(now) && call.call.state.is_talking())
        {
            Self::OnCall
        } else if registrations.into_iter().any(|one| one.is_bound(now)) {
            Self::Online
        } else {
            Self::Offline
        }
    }
}

impl SeenPresence {
    /// What others see. Do not disturb, set as a switch or as a presence, comes first; what else the user says of himself
    /// stands, because it is true with and without a phone; only "available" is refined by what his phones do.
    pub fn derive(own: Presence, dnd: bool, status: UserStatus) -> Self {
        match (own, status) {
            _ if dnd => Self::DoNotDisturb,
            (Presence::DoNotDisturb, _) => Self::DoNotDisturb,
            (Presence::Away, _) => Self::Away,
            (Presence::BusinessTrip, _) => Self::BusinessTrip,
            (Presence::Lunch, _) => Self::Lunch,
            (Presence::Available, UserStatus::Online) => Self::Available,
            (Presence::Available, UserStatus::OnCall) => Self::OnCall,
            (Presence::Available, UserStatus::Offline) => Self::Offline,
        }
    }
}

/// What a user says of himself, with a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPresence {
    /// His tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// What he says.
    pub presence: Presence,
    /// A note for people.
    pub note: String,
    /// Whether that word is locked: nobody changes it, by whatever door, until the lock is taken off. The note is not.
    pub locked: bool,
    /// When he last changed it.
    pub updated_at: Timestamp,
}

/// A change to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the value of the same name in `UserPresence`")]
pub struct PresencePatch {
    pub presence: Patch<Presence>,
    pub note: Patch<String>,
}

impl PresencePatch {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(note) = &self.note {
            found.text(Field::PresenceNote, note, limits::PRESENCE_NOTE);
        }
        found
    }

    /// Carries the change out; tells whether anything changed.
    ///
    /// # Errors
    /// [`Denial::StatusLocked`] for another word while it is locked. To say the same again is no change.
    pub fn apply(self, presence: &mut UserPresence) -> Result<bool> {
        if self.presence.set().is_some_and(|said| *said != presence.presence) {
            presence.check_unlocked()?;
        }
        Ok(self.presence.apply(&mut presence.presence) | self.note.apply(&mut presence.note))
    }
}

/// What a telephone says of its user for a while; whatever is none it says nothing of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublishedPresence {
    /// How he takes calls.
    pub presence: Option<Presence>,
    /// A note for people.
    pub note: Option<String>,
}

impl PublishedPresence {
    /// What a telephone changes that says this now and has said that before: only what it says otherwise, so that saying the same
    /// again does not undo what was said elsewhere meanwhile. What it says no more is taken back when it still stands.
    pub fn changes(&self, before: &Self, said: &UserPresence) -> PresencePatch {
        let presence = match (self.presence, before.presence) {
            (Some(now), before) if before != Some(now) => Patch::Set(now),
            // A lock holds what it was locked at.
            (None, Some(before)) if said.presence == before && !said.locked => {
                Patch::Set(Presence::default())
            }
            _ => Patch::Keep,
        };
        let note = match (&self.note, &before.note) {
            (Some(now), before) if before.as_ref() != Some(now) => Patch::Set(now.clone()),
            (None, Some(before)) if said.note == *before => Patch::Set(String::new()),
            _ => Patch::Keep,
        };
        PresencePatch { presence, note }
    }
}

impl UserPresence {
    /// Whether it may be changed whether the user takes calls: what he says, and the switch "do not disturb", which counts
    /// for more than what he says.
    ///
    /// # Errors
    /// [`Denial::StatusLocked`].
    pub fn check_unlocked(&self) -> Result<()> {
        if self.locked {
            return Err(Error::Denied(Denial::StatusLocked));
        }
        Ok(())
    }

    /// What is true of a user who never said anything.
    pub fn unsaid(tenant: TenantId, user: UserId, since: Timestamp) -> Self {
        Self {
            tenant,
            user,
            presence: Presence::default(),
            note: String::new(),
            locked: false,
            updated_at: since,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{LiveCallState, live_call, registration};

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    #[test]
    fn the_status_follows_from_registrations_and_calls() {
        let bound = registration::tests::bound_until(NOW.plus(Duration::from_secs(1)));
        let expired = registration::tests::bound_until(NOW);
        let talking = live_call::tests::in_state(LiveCallState::Answered, NOW);
        let ringing = live_call::tests::in_state(LiveCallState::Ringing, NOW);
        let forgotten = live_call::tests::in_state(LiveCallState::Answered, Timestamp::from_micros(0));
        let table: [(&[&Registration], &[&LiveCall], UserStatus); 6] = [
            (&[], &[], UserStatus::Offline),
            (&[&expired], &[], UserStatus::Offline),
            (&[&expired, &bound], &[], UserStatus::Online),
            (&[&bound], &[&ringing, &forgotten], UserStatus::Online),
            (&[&bound], &[&ringing, &talking], UserStatus::OnCall),
            (&[], &[&talking], UserStatus::OnCall),
        ];
        for (index, (registrations, calls, expected)) in table.into_iter().enumerate() {
            let got = UserStatus::derive(registrations.iter().copied(), calls.iter().copied(), NOW);
            assert_eq!(got, expected, "row {index}");
        }
    }

    #[test]
    fn others_see_what_he_says_unless_he_is_merely_available() {
        for (own, dnd, status, seen) in [
            (
                Presence::Available,
                false,
                UserStatus::Online,
                SeenPresence::Available,
            ),
            (
                Presence::Available,
                false,
                UserStatus::OnCall,
                SeenPresence::OnCall,
            ),
            (
                Presence::Available,
                false,
                UserStatus::Offline,
                SeenPresence::Offline,
            ),
            (Presence::Lunch, false, UserStatus::Offline, SeenPresence::Lunch),
            (Presence::Away, false, UserStatus::OnCall, SeenPresence::Away),
            (
                Presence::BusinessTrip,
                false,
                UserStatus::Online,
                SeenPresence::BusinessTrip,
            ),
            (
                Presence::DoNotDisturb,
                false,
                UserStatus::Offline,
                SeenPresence::DoNotDisturb,
            ),
            (
                Presence::Lunch,
                true,
                UserStatus::Online,
                SeenPresence::DoNotDisturb,
            ),
        ] {
            assert_eq!(
                SeenPresence::derive(own, dnd, status),
                seen,
                "{own:?} {dnd} {status:?}"
            );
        }
    }

    #[test]
    fn a_telephone_changes_what_it_says_otherwise_and_takes_back_what_still_stands() {
        let says = |presence: Option<Presence>, note: Option<&str>| PublishedPresence {
            presence,
            note: note.map(str::to_owned),
        };
        let nothing = says(None, None);
        let away = says(Some(Presence::Away), Some("in a minute"));
        let open = says(Some(Presence::Available), None);
        let stands = |presence: Presence, note: &str| UserPresence {
            presence,
            note: note.to_owned(),
            ..UserPresence::unsaid(TenantId::new(1), UserId::new(1), NOW)
        };
        let (elsewhere, ours) = (
            stands(Presence::Lunch, "at two"),
            stands(Presence::Away, "in a minute"),
        );
        let note = |text: &str| Patch::Set(text.to_owned());
        for (now, before, said, presence, own_note) in [
            (
                &away,
                &nothing,
                &elsewhere,
                Patch::Set(Presence::Away),
                note("in a minute"),
            ),
            // The same again.
            (&away, &away, &elsewhere, Patch::Keep, Patch::Keep),
            (
                &open,
                &away,
                &elsewhere,
                Patch::Set(Presence::Available),
                Patch::Keep,
            ),
            (&open, &away, &ours, Patch::Set(Presence::Available), note("")),
            (
                &open,
                &nothing,
                &elsewhere,
                Patch::Set(Presence::Available),
                Patch::Keep,
            ),
            // Nothing any more.
            (&nothing, &away, &ours, Patch::Set(Presence::Available), note("")),
            (&nothing, &away, &elsewhere, Patch::Keep, Patch::Keep),
            (&nothing, &nothing, &ours, Patch::Keep, Patch::Keep),
        ] {
            let expected = PresencePatch {
                presence,
                note: own_note,
            };
            assert_eq!(now.changes(before, said), expected, "{now:?} after {before:?}");
        }
    }

    #[test]
    fn only_what_a_user_says_may_be_written() {
        for word in ["on_call", "offline", "busy", "AVAILABLE", ""] {
            assert_eq!(Presence::from_word(word), None, "{word}");
        }
        for presence in Presence::ALL {
            assert_eq!(Presence::from_word(presence.word()), Some(*presence));
        }
    }

    #[test]
    fn a_note_is_short() {
        let mut patch = PresencePatch {
            note: Patch::Set("ü".repeat(128)),
            ..PresencePatch::default()
        };
        assert!(patch.check().is_empty());
        let mut presence = UserPresence::unsaid(TenantId::FIRST, UserId::FIRST, NOW);
        assert!(patch.clone().apply(&mut presence).unwrap());
        assert!(!patch.clone().apply(&mut presence).unwrap());
        patch.note = Patch::Set("x".repeat(129));
        assert!(patch.check().concerns(Field::PresenceNote));
    }

    #[test]
    fn a_locked_word_stays_and_the_note_may_change() {
        let mut presence = UserPresence {
            locked: true,
            ..UserPresence::unsaid(TenantId::FIRST, UserId::FIRST, NOW)
        };
        let say = |word, note: Option<&str>| PresencePatch {
            presence: Patch::Set(word),
            note: note.map(str::to_owned).into(),
        };
        let before = presence.clone();
        let refused = say(Presence::Lunch, Some("gone")).apply(&mut presence);
        assert!(matches!(refused, Err(Error::Denied(Denial::StatusLocked))));
        assert_eq!(presence, before, "the note stays too when the word is refused");
        assert!(
            say(Presence::Available, Some("here"))
                .apply(&mut presence)
                .unwrap()
        );
        assert_eq!(
            (presence.presence, presence.note.as_str()),
            (Presence::Available, "here")
        );
        presence.locked = false;
        assert!(say(Presence::Lunch, None).apply(&mut presence).unwrap());
    }
}
