//! The stored form of a meeting's settings and of a room with its participants.

use jackfield_domain::{
    MeetingControl, MeetingLayout, MeetingSettings, NewParticipant, Participant, ParticipantId, Room, UserId,
};
use serde::{Deserialize, Serialize};

use super::owned::{read, write};
use super::{decode_caller_ids, encode_caller_ids};
use crate::{Error, Result};

/// What of the settings is kept as text. The PINs are sealed, and the planned moments are asked for: both have columns of
/// their own.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct SettingsMirror {
    control: String,
    height: i64,
    width: i64,
    bitrate: i64,
    framerate: i64,
    layout: String,
    language: String,
    capacity: i64,
    enable_recording: bool,
    enable_prompt: bool,
    timezone: String,
    internal_invitees: Vec<i64>,
    external_invitees: String,
    close_on_nobody: bool,
    custom_options: String,
    outbound_caller_ids: String,
}

impl Default for SettingsMirror {
    fn default() -> Self {
        Self::of(&MeetingSettings::default())
    }
}

impl SettingsMirror {
    fn of(settings: &MeetingSettings) -> Self {
        Self {
            control: settings.control.word().to_owned(),
            height: settings.height,
            width: settings.width,
            bitrate: settings.bitrate,
            framerate: settings.framerate,
            layout: settings.layout.word().to_owned(),
            language: settings.language.clone(),
            capacity: settings.capacity,
            enable_recording: settings.enable_recording,
            enable_prompt: settings.enable_prompt,
            timezone: settings.timezone.clone(),
            internal_invitees: settings.internal_invitees.iter().map(|user| user.get()).collect(),
            external_invitees: settings.external_invitees.clone(),
            close_on_nobody: settings.close_on_nobody,
            custom_options: settings.custom_options.clone(),
            outbound_caller_ids: encode_caller_ids(&settings.outbound_caller_ids),
        }
    }
}

/// The settings of a meeting as stored, without its PINs and the moments for which it is planned: one JSON object.
pub fn encode_meeting_settings(settings: &MeetingSettings) -> String {
    write(&SettingsMirror::of(settings))
}

/// Reads what [`encode_meeting_settings`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_meeting_settings(text: &str) -> Result<MeetingSettings> {
    let mirror: SettingsMirror = read(text)?;
    Ok(MeetingSettings {
        control: MeetingControl::from_word(&mirror.control).ok_or_else(|| unknown("control"))?,
        height: mirror.height,
        width: mirror.width,
        bitrate: mirror.bitrate,
        framerate: mirror.framerate,
        layout: MeetingLayout::from_word(&mirror.layout).ok_or_else(|| unknown("layout"))?,
        language: mirror.language,
        capacity: mirror.capacity,
        admin_pin: None,
        room_pin: None,
        enable_recording: mirror.enable_recording,
        enable_prompt: mirror.enable_prompt,
        timezone: mirror.timezone,
        scheduled_start_at: None,
        scheduled_end_at: None,
        internal_invitees: mirror.internal_invitees.into_iter().map(UserId::new).collect(),
        external_invitees: mirror.external_invitees,
        close_on_nobody: mirror.close_on_nobody,
        custom_options: mirror.custom_options,
        outbound_caller_ids: decode_caller_ids(&mirror.outbound_caller_ids)?,
    })
}

fn unknown(what: &str) -> Error {
    Error::Internal(format!("the {what} of a meeting is not one that this version knows").into())
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct RoomMirror {
    locked: bool,
    muted: bool,
    recording: bool,
    participants: Vec<ParticipantMirror>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ParticipantMirror {
    id: i64,
    display_name: String,
    number: String,
    user: Option<i64>,
    muted: bool,
    chairman: bool,
    position: i64,
}

/// A room as stored: one JSON object.
pub fn encode_room(room: &Room) -> String {
    let participants = room.participants.iter().map(|one| ParticipantMirror {
        id: one.who.id.get(),
        display_name: one.who.display_name.clone(),
        number: one.who.number.clone(),
        user: one.who.user.map(UserId::get),
        muted: one.muted,
        chairman: one.chairman,
        position: one.position,
    });
    write(&RoomMirror {
        locked: room.locked,
        muted: room.muted,
        recording: room.recording,
        participants: participants.collect(),
    })
}

/// Reads what [`encode_room`] wrote.
///
/// # Errors
/// `Internal` when the text is not such a document.
pub fn decode_room(text: &str) -> Result<Room> {
    let mirror: RoomMirror = read(text)?;
    let participants = mirror.participants.into_iter().map(|one| Participant {
        who: NewParticipant {
            id: ParticipantId::new(one.id),
            display_name: one.display_name,
            number: one.number,
            user: one.user.map(UserId::new),
        },
        muted: one.muted,
        chairman: one.chairman,
        position: one.position,
    });
    Ok(Room {
        locked: mirror.locked,
        muted: mirror.muted,
        recording: mirror.recording,
        participants: participants.collect(),
    })
}

#[cfg(test)]
mod tests {
    use jackfield_domain::{NOT_SHOWN, OutboundCallerId, ProviderId};

    use super::*;

    #[test]
    fn settings_come_back() {
        let settings = MeetingSettings {
            control: MeetingControl::Master,
            height: 480,
            layout: MeetingLayout::Layout6,
            language: "de".into(),
            timezone: "Europe/Berlin".into(),
            internal_invitees: vec![UserId::new(3), UserId::new(1)],
            external_invitees: "a@b.example".into(),
            close_on_nobody: true,
            custom_options: "{\"x\": 1}\u{1F4DE}".into(),
            outbound_caller_ids: vec![OutboundCallerId {
                provider: ProviderId::new(1),
                caller_id: "+49".into(),
                preferred: false,
                description: "\"\n".into(),
            }],
            ..MeetingSettings::default()
        };
        let text = encode_meeting_settings(&settings);
        assert_eq!(decode_meeting_settings(&text).unwrap(), settings);
        assert_eq!(decode_meeting_settings("{}").unwrap(), MeetingSettings::default());
        for damaged in ["[", r#"{"control":"king"}"#, r#"{"layout":"x"}"#] {
            assert!(decode_meeting_settings(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn rooms_come_back() {
        let one = |id: i64, user: Option<i64>| Participant {
            who: NewParticipant {
                id: ParticipantId::new(id),
                display_name: "Zo\u{eb} \"Z\"".into(),
                number: "1001".into(),
                user: user.map(UserId::new),
            },
            muted: id == 1,
            chairman: id == 2,
            position: if id == 1 { NOT_SHOWN } else { 4 },
        };
        let room = Room {
            locked: true,
            muted: false,
            recording: true,
            participants: vec![one(2, Some(7)), one(1, None)],
        };
        assert_eq!(decode_room(&encode_room(&room)).unwrap(), room);
        assert_eq!(decode_room("{}").unwrap(), Room::default());
        assert!(decode_room("[").is_err());
    }
}
