//! The stored form of the settings of a desk.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_domain::{DeskSettings, Statistic};
use serde::{Deserialize, Serialize};

use super::owned::{read, write};
use crate::Result;

#[derive(Serialize, Deserialize)]
#[serde(default)]
struct DeskMirror {
    views: BTreeSet<i64>,
    max_chats: i64,
    chat_sound: bool,
    ticket_notice: bool,
    incognito: bool,
    auto_answer: bool,
    language: String,
    date_format: String,
    statistics: Vec<StatisticMirror>,
    campaigns: BTreeMap<String, bool>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct StatisticMirror {
    name: String,
    option: String,
    secondary_option: String,
    watched: bool,
}

impl Default for DeskMirror {
    fn default() -> Self {
        Self::from(&DeskSettings::default())
    }
}

impl From<&DeskSettings> for DeskMirror {
    fn from(desk: &DeskSettings) -> Self {
        let statistic = |(statistic, watched): (&Statistic, &bool)| StatisticMirror {
            name: statistic.name.clone(),
            option: statistic.option.clone(),
            secondary_option: statistic.secondary_option.clone(),
            watched: *watched,
        };
        Self {
            views: desk.views.clone(),
            max_chats: desk.max_chats,
            chat_sound: desk.chat_sound,
            ticket_notice: desk.ticket_notice,
            incognito: desk.incognito,
            auto_answer: desk.auto_answer,
            language: desk.language.clone(),
            date_format: desk.date_format.clone(),
            statistics: desk.statistics.iter().map(statistic).collect(),
            campaigns: desk.campaigns.clone(),
        }
    }
}

impl From<DeskMirror> for DeskSettings {
    fn from(mirror: DeskMirror) -> Self {
        let statistic = |mirror: StatisticMirror| {
            let statistic = Statistic {
                name: mirror.name,
                option: mirror.option,
                secondary_option: mirror.secondary_option,
            };
            (statistic, mirror.watched)
        };
        Self {
            views: mirror.views,
            max_chats: mirror.max_chats,
            chat_sound: mirror.chat_sound,
            ticket_notice: mirror.ticket_notice,
            incognito: mirror.incognito,
            auto_answer: mirror.auto_answer,
            language: mirror.language,
            date_format: mirror.date_format,
            statistics: mirror.statistics.into_iter().map(statistic).collect(),
            campaigns: mirror.campaigns,
        }
    }
}

/// The settings of a desk as stored: one JSON object.
pub fn encode_desk(settings: &DeskSettings) -> String {
    write(&DeskMirror::from(settings))
}

/// Reads what [`encode_desk`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_desk(text: &str) -> Result<DeskSettings> {
    read::<DeskMirror>(text).map(DeskSettings::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn desks_come_back() {
        let figure = |name: &str, option: &str| Statistic {
            name: name.into(),
            option: option.into(),
            secondary_option: "b".into(),
        };
        let desk = DeskSettings {
            views: [3, 1].into(),
            max_chats: 7,
            chat_sound: false,
            ticket_notice: false,
            incognito: true,
            auto_answer: true,
            language: String::new(),
            date_format: "iso".into(),
            statistics: [(figure("calls", ""), true), (figure("calls", "a"), false)].into(),
            campaigns: [("spring \"26\"".to_owned(), true), ("x".to_owned(), false)].into(),
        };
        for desk in [desk, DeskSettings::default()] {
            assert_eq!(decode_desk(&encode_desk(&desk)).unwrap(), desk);
        }
        assert_eq!(decode_desk("{}").unwrap(), DeskSettings::default());
        assert!(decode_desk("[").is_err());
    }
}
