//! How a user's desk in a contact centre is set up: the place from which he answers calls, chats and tickets.
//!
//! The settings are his alone, so they are one record for each user. They change one at a time, each by a
//! [`DeskChange`]; a user who never changed one has the defaults.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Error, Field, Patch, Result, Rule, Thing, Violations, limits,
    text::{is_language_tag, is_word},
};

/// A figure that a user has on his desk, by its name and what it is about. All three together are its identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statistic {
    /// Its name: letters and `_`.
    pub name: String,
    /// What it is narrowed to: letters and digits; empty for nothing.
    pub option: String,
    /// What it is narrowed to besides.
    pub secondary_option: String,
}

/// In which language, and with which form of dates, a user reads his desk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeskLocale {
    /// A BCP 47 tag; empty for none.
    pub language: Patch<String>,
    /// The locale whose dates are shown, `en_GB`, or `iso`; empty for none.
    pub date_format: Patch<String>,
}

/// The settings of a user's desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskSettings {
    /// The views that he has selected, by their numbers, which mean something to the programs that set them.
    pub views: BTreeSet<i64>,
    /// How many chats he holds at once, at most.
    pub max_chats: i64,
    /// Whether a sound announces a message in a chat.
    pub chat_sound: bool,
    /// Whether he is told when a ticket becomes his.
    pub ticket_notice: bool,
    /// Whether others do not see him look at a ticket.
    pub incognito: bool,
    /// Whether calls are answered for him as they come.
    pub auto_answer: bool,
    /// His language, a BCP 47 tag; empty for none.
    pub language: String,
    /// The form of his dates; empty for none.
    pub date_format: String,
    /// The figures on his desk, and whether he watches each.
    pub statistics: BTreeMap<Statistic, bool>,
    /// The campaigns in which he was ever set active or inactive, and which of the two he is.
    pub campaigns: BTreeMap<String, bool>,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self {
            views: BTreeSet::new(),
            max_chats: 1,
            chat_sound: true,
            ticket_notice: true,
            incognito: false,
            auto_answer: false,
            language: "en".into(),
            date_format: "en_GB".into(),
            statistics: BTreeMap::new(),
            campaigns: BTreeMap::new(),
        }
    }
}

/// One change to the settings of a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskChange {
    /// Selects a view, or no longer.
    View(i64, bool),
    /// See [`DeskSettings::max_chats`].
    MaxChats(i64),
    /// See [`DeskSettings::chat_sound`].
    ChatSound(bool),
    /// See [`DeskSettings::ticket_notice`].
    TicketNotice(bool),
    /// See [`DeskSettings::incognito`].
    Incognito(bool),
    /// See [`DeskSettings::auto_answer`].
    AutoAnswer(bool),
    /// Puts a figure on the desk, not watched. One that is there stays as it is.
    AddStatistic(Statistic),
    /// Takes a figure away.
    RemoveStatistic(Statistic),
    /// Watches a figure that is there, or no longer.
    Watch(Statistic, bool),
    /// Makes him active or inactive in a campaign.
    Campaign(String, bool),
}

impl DeskChange {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        match self {
            Self::View(view, _) => found.range(Field::View, *view, limits::VIEW),
            Self::MaxChats(chats) => found.range(Field::MaxChats, *chats, limits::CHATS),
            Self::AddStatistic(statistic) | Self::RemoveStatistic(statistic) | Self::Watch(statistic, _) => {
                statistic.check(&mut found);
            }
            Self::Campaign(name, _) => {
                found.length(Field::Campaign, name, limits::CAMPAIGN_NAME);
                if name.chars().any(|c| c.is_control() || c.is_whitespace()) {
                    found.add(
                        Field::Campaign,
                        Rule::Form("a name without spaces and control characters"),
                    );
                }
            }
            Self::ChatSound(_) | Self::TicketNotice(_) | Self::Incognito(_) | Self::AutoAnswer(_) => {}
        }
        found
    }
}

impl Statistic {
    fn check(&self, found: &mut Violations) {
        found.length(Field::Statistic, &self.name, limits::STATISTIC_NAME);
        if !is_word(&self.name) {
            found.add(Field::Statistic, Rule::Form("letters, digits and _"));
        }
        for (field, text) in [
            (Field::StatisticOption, &self.option),
            (Field::StatisticSecondaryOption, &self.secondary_option),
        ] {
            found.length(field, text, 0..=*limits::STATISTIC_NAME.end());
            if !is_word(text) {
                found.add(field, Rule::Form("letters, digits and _"));
            }
        }
    }
}

impl DeskLocale {
    /// Every rule that the change breaks.
    pub fn check(&self) -> Violations {
        let mut found = Violations::new();
        if let Patch::Set(language) = &self.language {
            found.length(Field::Language, language, 0..=limits::LANGUAGE_TAG);
            if !language.is_empty() && !is_language_tag(language) {
                found.add(Field::Language, Rule::Form("a BCP 47 language tag such as en"));
            }
        }
        if let Patch::Set(format) = &self.date_format
            && !format.is_empty()
        {
            found.length(Field::DateFormat, format, limits::DESK_DATE_FORMAT);
            if !is_word(format) {
                found.add(Field::DateFormat, Rule::Form("a locale such as en_GB, or iso"));
            }
        }
        found
    }

    /// Carries the change out; tells whether anything changed.
    pub fn apply(self, settings: &mut DeskSettings) -> bool {
        self.language.apply(&mut settings.language) | self.date_format.apply(&mut settings.date_format)
    }
}

impl DeskSettings {
    /// Carries a change out; tells whether anything changed.
    ///
    /// # Errors
    /// `Absent(Statistic)` for a figure that is not on the desk; `Full` when the desk has as many views, figures or
    /// campaigns as fit.
    pub fn apply(&mut self, change: DeskChange) -> Result<bool> {
        let set = |value: &mut bool, new: bool| Patch::Set(new).apply(value);
        Ok(match change {
            DeskChange::View(view, true) => {
                fits(
                    self.views.len(),
                    self.views.contains(&view),
                    limits::VIEWS,
                    Thing::View,
                )?;
                self.views.insert(view)
            }
            DeskChange::View(view, false) => self.views.remove(&view),
            DeskChange::MaxChats(chats) => Patch::Set(chats).apply(&mut self.max_chats),
            DeskChange::ChatSound(on) => set(&mut self.chat_sound, on),
            DeskChange::TicketNotice(on) => set(&mut self.ticket_notice, on),
            DeskChange::Incognito(on) => set(&mut self.incognito, on),
            DeskChange::AutoAnswer(on) => set(&mut self.auto_answer, on),
            DeskChange::AddStatistic(statistic) => {
                let known = self.statistics.contains_key(&statistic);
                fits(self.statistics.len(), known, limits::STATISTICS, Thing::Statistic)?;
                if !known {
                    self.statistics.insert(statistic, false);
                }
                !known
            }
            DeskChange::RemoveStatistic(statistic) => {
                self.statistics
                    .remove(&statistic)
                    .ok_or(Error::Absent(Thing::Statistic))?;
                true
            }
            DeskChange::Watch(statistic, watched) => {
                let present = self.statistics.get_mut(&statistic);
                set(present.ok_or(Error::Absent(Thing::Statistic))?, watched)
            }
            DeskChange::Campaign(name, active) => {
                let known = self.campaigns.contains_key(&name);
                fits(self.campaigns.len(), known, limits::CAMPAIGNS, Thing::Campaign)?;
                self.campaigns.insert(name, active) != Some(active)
            }
        })
    }
}

/// Whether one more fits, unless it is one of those that are there.
fn fits(count: usize, known: bool, limit: usize, thing: Thing) -> Result<()> {
    if !known && count >= limit {
        return Err(Error::Full(thing, limit as u64));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str) -> Statistic {
        Statistic {
            name: name.into(),
            option: "today".into(),
            secondary_option: String::new(),
        }
    }

    #[test]
    fn a_change_to_the_present_value_is_none() {
        let mut desk = DeskSettings::default();
        for change in [
            DeskChange::View(7, true),
            DeskChange::MaxChats(3),
            DeskChange::ChatSound(false),
            DeskChange::TicketNotice(false),
            DeskChange::Incognito(true),
            DeskChange::AutoAnswer(true),
            DeskChange::AddStatistic(figure("calls")),
            DeskChange::Watch(figure("calls"), true),
            DeskChange::Campaign("spring".into(), false),
        ] {
            assert!(change.check().is_empty(), "{change:?}");
            assert!(desk.apply(change.clone()).unwrap(), "{change:?}");
            assert!(!desk.apply(change.clone()).unwrap(), "{change:?} again");
        }
        // It is there, and stays watched.
        assert!(!desk.apply(DeskChange::AddStatistic(figure("calls"))).unwrap());
        assert_eq!(desk.statistics.get(&figure("calls")), Some(&true));
        assert!(desk.apply(DeskChange::View(7, false)).unwrap());
        assert!(!desk.apply(DeskChange::View(7, false)).unwrap());
        let locale = DeskLocale {
            language: Patch::Set("nl".into()),
            date_format: Patch::Set(String::new()),
        };
        assert!(locale.check().is_empty());
        assert!(locale.clone().apply(&mut desk) && !locale.apply(&mut desk));
    }

    #[test]
    fn what_is_not_on_the_desk_is_neither_watched_nor_taken_away() {
        let mut desk = DeskSettings::default();
        desk.apply(DeskChange::AddStatistic(figure("calls"))).unwrap();
        let other = Statistic {
            option: String::new(),
            ..figure("calls")
        };
        for change in [
            DeskChange::Watch(other.clone(), true),
            DeskChange::RemoveStatistic(other),
        ] {
            assert!(matches!(desk.apply(change), Err(Error::Absent(Thing::Statistic))));
        }
        assert!(desk.apply(DeskChange::RemoveStatistic(figure("calls"))).unwrap());
        assert!(desk.statistics.is_empty());
    }

    #[test]
    fn a_desk_has_room_for_so_much() {
        let mut desk = DeskSettings::default();
        for view in 0..limits::VIEWS {
            desk.apply(DeskChange::View(i64::try_from(view).unwrap(), true))
                .unwrap();
        }
        assert!(matches!(
            desk.apply(DeskChange::View(100_000, true)),
            Err(Error::Full(Thing::View, _))
        ));
        assert!(
            !desk.apply(DeskChange::View(0, true)).unwrap(),
            "it is there already"
        );
        for number in 0..limits::CAMPAIGNS {
            desk.apply(DeskChange::Campaign(format!("c{number}"), true))
                .unwrap();
        }
        assert!(desk.apply(DeskChange::Campaign("new".into(), true)).is_err());
        assert!(desk.apply(DeskChange::Campaign("c0".into(), false)).unwrap());
    }

    #[test]
    fn values_have_their_forms() {
        let wrong = [
            (DeskChange::View(-1, true), Field::View),
            (DeskChange::MaxChats(-1), Field::MaxChats),
            (DeskChange::MaxChats(100), Field::MaxChats),
            (DeskChange::AddStatistic(figure("")), Field::Statistic),
            (DeskChange::AddStatistic(figure("a b")), Field::Statistic),
            (DeskChange::Watch(figure(&"x".repeat(65)), true), Field::Statistic),
            (DeskChange::Campaign(String::new(), true), Field::Campaign),
            (DeskChange::Campaign("a\u{0}".into(), true), Field::Campaign),
        ];
        for (change, field) in wrong {
            assert!(change.check().concerns(field), "{change:?}");
        }
        for (language, format, good) in [
            ("en", "en_GB", true),
            ("", "", true),
            ("nl", "iso", true),
            ("no language", "iso", false),
            ("en", "en_GB!", false),
            ("en", "x", false),
        ] {
            let locale = DeskLocale {
                language: Patch::Set(language.into()),
                date_format: Patch::Set(format.into()),
            };
            assert_eq!(locale.check().is_empty(), good, "{language} {format}");
        }
    }
}
