use jackfield_directory::{ExportedSecrets, ExportedUser};
use jackfield_domain::{
    Blf, CustomForwardRule, Day, ExtensionId, ForwardAction, ForwardCase, ForwardRule, ForwardRules,
    HoursMode, Interface, Money, NewPassword, OfficeHours, OutboundCallerId, Patch, ProviderId, RuleHours,
    SettingsText, SmsPolicy, TenantId, TimeOfDay, TimeRange, Timestamp, Transport, User, UserId,
    UserSettings, VoicemailClock, VoicemailPin, Week,
};
use proptest::{prelude::*, sample::select};

use super::*;
use crate::users_csv::UserWriter;

/// Texts that tables and spreadsheets stumble over, and any others. No NUL: it would make a file binary.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "['\"=+@\\-\t\r\n0-9.,;eE{}\\[\\] a＝ß\u{feff}]{0,10}",
        1 => "[^\0]{0,20}",
    ]
}

fn some_text() -> impl Strategy<Value = String> {
    text().prop_filter("an empty cell says nothing", |text| !text.is_empty())
}

fn day() -> impl Strategy<Value = Day> {
    let time = || (0..=1440_u16).prop_map(|minutes| TimeOfDay::from_minutes(minutes).unwrap());
    let range = (time(), time()).prop_map(|(from, to)| TimeRange { from, to });
    (any::<bool>(), prop::collection::vec(range, 0..3)).prop_map(|(enabled, ranges)| Day { enabled, ranges })
}

fn week() -> impl Strategy<Value = Week> {
    prop::array::uniform7(day()).prop_map(Week)
}

fn action() -> impl Strategy<Value = ForwardAction> {
    use ForwardAction::{HangUp, RingAnyway, ToNumber, ToVoicemail};
    select(vec![ToNumber, ToVoicemail, RingAnyway, HangUp])
}

fn rules() -> impl Strategy<Value = ForwardRules> {
    prop::array::uniform16((action(), text(), 0..9000_i64)).prop_map(|rules| {
        let mut cases = ForwardCase::ALL.into_iter();
        ForwardRules(rules.map(|(action, number, timeout)| {
            let timeout = cases.next().unwrap().waits().then_some(timeout);
            ForwardRule {
                action,
                number,
                timeout,
            }
        }))
    })
}

fn custom_rule() -> impl Strategy<Value = CustomForwardRule> {
    let hours = select(vec![RuleHours::All, RuleHours::Inside, RuleHours::Outside]);
    (action(), text(), text(), hours, week()).prop_map(|(action, number, caller_id, hours, week)| {
        CustomForwardRule {
            action,
            number,
            caller_id,
            hours,
            week,
        }
    })
}

prop_compose! {
    fn words()(
        sms in select(vec![SmsPolicy::Disabled, SmsPolicy::Allowed, SmsPolicy::AllowedWithSenderId]),
        clock in select(vec![VoicemailClock::Off, VoicemailClock::Hours12, VoicemailClock::Hours24]),
        interface in select(vec![
            Interface::WebDomain, Interface::PublicIpv4, Interface::PublicIpv6, Interface::PrivateIpv4,
            Interface::PrivateIpv6, Interface::SbcDomain,
        ]),
        transport in select(vec![Transport::Udp, Transport::Tcp, Transport::Tls]),
        mode in select(vec![HoursMode::Global, HoursMode::Custom]),
    ) -> (SmsPolicy, VoicemailClock, Interface, Transport, HoursMode) {
        (sms, clock, interface, transport, mode)
    }
}

prop_compose! {
    fn settings()(
        flags in any::<[bool; 7]>(),
        (sms, voicemail_play_datetime, interface, preferred_transport, mode) in words(),
        outbound_caller_ids in prop::collection::vec(
            (any::<i64>(), text(), any::<bool>(), text()).prop_map(|(provider, caller_id, preferred, description)| {
                OutboundCallerId { provider: ProviderId::new(provider), caller_id, preferred, description }
            }),
            0..3,
        ),
        custom_options in text(),
        custom_forward_rules in prop::collection::vec(custom_rule(), 0..2),
        voicemail_prompt in text(),
        blfs in prop::collection::vec(
            (text(), text(), text(), text()).prop_map(|(key, value, first_name, last_name)| {
                Blf { key, value, first_name, last_name }
            }),
            0..3,
        ),
        week in week(),
        forward_rules in rules(),
    ) -> UserSettings {
        let [audio, video, hot, anonymous, delivery, pin, notify] = flags;
        UserSettings {
            enable_audio_recording: audio,
            enable_video_recording: video,
            enable_hot_desking: hot,
            anonymous_outbound_calls: anonymous,
            delivery_outbound_cid: delivery,
            enable_voicemail_pin: pin,
            enable_voicemail_notify: notify,
            sms,
            outbound_caller_ids,
            custom_options,
            custom_forward_rules,
            voicemail_prompt,
            voicemail_play_datetime,
            interface,
            preferred_transport,
            blfs,
            office_hours: OfficeHours { mode, week },
            forward_rules,
        }
    }
}

prop_compose! {
    fn exported()(
        name in some_text(),
        texts in prop::array::uniform7(text()),
        role in some_text(),
        number in prop::option::of("[0-9]{1,64}"),
        flags in any::<[bool; 3]>(),
        secrets in prop::option::of((some_text(), some_text(), "[0-9]{1,10}")),
        settings in settings(),
    ) -> ExportedUser {
        let [email, display_name, mobile_phone, work_phone, home_phone, address, department] = texts;
        let secrets = secrets.map(|(hash, password, pin)| ExportedSecrets {
            password_hash: Some(hash),
            extension_password: number.is_some().then_some(password),
            voicemail_pin: Some(VoicemailPin::new(pin)),
        });
        let user = User {
            tenant: TenantId::FIRST,
            id: UserId::FIRST,
            name,
            email,
            display_name,
            enabled: flags[0],
            role,
            mobile_phone,
            work_phone,
            home_phone,
            address,
            department,
            extension: number.as_ref().map(|_| ExtensionId::FIRST),
            extension_number: number,
            dnd: flags[1],
            location: None,
            initial: false,
            acb: flags[2],
            balance: Money::ZERO,
            external_identity: None,
            avatar: None,
            profile: String::new(),
            must_change_password: false,
            sealed_pin: Vec::new(),
            settings: SettingsText::new("{}"),
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
            version: 1,
        };
        ExportedUser { user, settings, secrets }
    }
}

/// A text that an empty cell leaves out.
fn said(text: &str) -> Patch<String> {
    (!text.is_empty()).then(|| text.to_owned()).into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_to_the_same_users(users in prop::collection::vec(exported(), 1..4)) {
        let mut writer = UserWriter::new(Vec::new()).unwrap();
        for user in &users {
            writer.write(user).unwrap();
        }
        let bytes = writer.finish().unwrap();
        let rows = read(&bytes).unwrap().rows;
        prop_assert_eq!(rows.len(), users.len());
        for (row, ExportedUser { user, settings, secrets }) in rows.iter().zip(&users) {
            prop_assert_eq!(&row.unreadable, &Vec::new());
            prop_assert_eq!(&row.name, &user.name);
            prop_assert_eq!(&row.extension_number, &user.extension_number);
            prop_assert_eq!(row.role.as_ref(), Some(&user.role));
            let patch = &row.patch;
            prop_assert_eq!(&patch.email, &said(&user.email));
            prop_assert_eq!(&patch.display_name, &said(&user.display_name));
            prop_assert_eq!(&patch.mobile_phone, &said(&user.mobile_phone));
            prop_assert_eq!(&patch.work_phone, &said(&user.work_phone));
            prop_assert_eq!(&patch.home_phone, &said(&user.home_phone));
            prop_assert_eq!(&patch.address, &said(&user.address));
            prop_assert_eq!(&patch.department, &said(&user.department));
            prop_assert_eq!(&patch.enabled, &Patch::Set(user.enabled));
            prop_assert_eq!(&patch.dnd, &Patch::Set(user.dnd));
            prop_assert_eq!(&patch.acb, &Patch::Set(user.acb));
            let secrets = secrets.as_ref();
            let hash = secrets.and_then(|secrets| secrets.password_hash.clone()).map(NewPassword::Hashed);
            prop_assert_eq!(&row.password, &hash);
            let sip = secrets.and_then(|secrets| secrets.extension_password.clone()).map(NewPassword::Plain);
            prop_assert_eq!(&row.extension_password, &sip);
            let pin = secrets.and_then(|secrets| secrets.voicemail_pin.clone());
            prop_assert_eq!(&patch.voicemail_pin, &Patch::from(pin));
            let mut read = UserSettings::default();
            patch.settings.clone().apply(&mut read);
            prop_assert_eq!(&read, settings);
        }
    }

    #[test]
    fn no_file_makes_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "name[,;\t]email\n(.|[\",;\n\r'=]){0,80}") {
        let _ = read(&bytes);
        if let Ok(table) = read(text.as_bytes()) {
            for row in &table.rows {
                let violations = row.unreadable.clone();
                table.describe(&RowFailure { line: row.line, name: row.name.clone(), violations });
            }
        }
    }
}
