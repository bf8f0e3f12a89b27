use jackfield_domain::{
    Day, ForwardAction, ForwardCase, ForwardRule, HoursMode, Interface, NewPassword, OfficeHours, Patch,
    RuleHours, SmsPolicy, Transport, UserSettings, VoicemailClock, VoicemailPin,
};

use super::*;
use crate::users_csv::column::{COLUMNS, Column};

fn settings(row: &ImportedUser) -> UserSettings {
    let mut settings = UserSettings::default();
    row.patch.settings.clone().apply(&mut settings);
    settings
}

#[test]
fn every_column_of_the_vendor_is_read() {
    let row = row(concat!(
        "name,enabled,password,extension_number,extension_password,email,display_name,enable_audio_recording,",
        "enable_video_recording,enable_acb,enable_dnd,enable_hot_desking,office_hours,anonymous_outbound_calls,",
        "delivery_outbound_cid,sms,voicemail_prompt,enable_voicemail_pin,voicemail_pin,voicemail_play_datetime,",
        "enable_voicemail_notify,online_no_answer_forward_rule,online_busy_forward_rule,offline_office_hours_forward_rule,",
        "offline_non_office_hours_forward_rule,custom_forward_rules,blfs,interface,preferred_transport,custom_options,role,phones\r\n",
        "ada,false,Xk7!plomb,1001,Zz9-quark,ada@demo.example,Ada Okafor,TRUE,true,1,yes,True,",
        r#""{""mode"":""custom"",""monday"":{""enabled"":true,""ranges"":[{""from"":""09:00"",""to"":""17:00""}]}}","#,
        "Yes,0,allow_with_sender_id,en-US,no,020406,24_hour_clock,TRUE,",
        r#""{""action"":""Forward_To_Number"",""timeout"":20,""number"":""1002""}","{""action"":""HANGUP"",""timeout"":20,""number"":""""}","#,
        r#""{""action"":""HANGUP""}","{""action"":""forward_to_voicemail"",""number"":null}","#,
        r#""[{""action"":""HANGUP"",""caller_id"":""0049*"",""type"":""specific_hours"",""hours"":{""sunday"":{""enabled"":true}}}]","#,
        r#""[{""key"":""BLF"",""value"":""1002"",""first_name"":""Ben"",""last_name"":""L""}]",public_ipv6,tls,"{""a"":1}",Admin,[]"#,
        "\r\n",
    ));
    assert_eq!(row.unreadable, Vec::new());
    assert_eq!((row.line, row.name.as_str()), (2, "ada"));
    assert_eq!(row.password, Some(NewPassword::Plain("Xk7!plomb".into())));
    assert_eq!(row.extension_number.as_deref(), Some("1001"));
    assert_eq!(
        row.extension_password,
        Some(NewPassword::Plain("Zz9-quark".into()))
    );
    assert_eq!(row.role.as_deref(), Some("Admin"));
    assert_eq!(row.patch.email, Patch::Set("ada@demo.example".into()));
    assert_eq!(row.patch.enabled, Patch::Set(false));
    assert_eq!(
        (&row.patch.acb, &row.patch.dnd),
        (&Patch::Set(true), &Patch::Set(true))
    );
    assert_eq!(row.patch.voicemail_pin, Patch::Set(VoicemailPin::new("020406")));
    let settings = settings(&row);
    assert!(
        settings.enable_audio_recording && settings.enable_video_recording && settings.enable_hot_desking
    );
    assert!(
        settings.anonymous_outbound_calls
            && !settings.delivery_outbound_cid
            && !settings.enable_voicemail_pin
    );
    assert_eq!(settings.sms, SmsPolicy::AllowedWithSenderId);
    assert_eq!(settings.voicemail_play_datetime, VoicemailClock::Hours24);
    assert_eq!(
        (settings.interface, settings.preferred_transport),
        (Interface::PublicIpv6, Transport::Tls)
    );
    assert_eq!(settings.custom_options, r#"{"a":1}"#);
    assert_eq!(settings.office_hours.mode, HoursMode::Custom);
    assert_eq!(settings.office_hours.week.0[0].ranges[0].to.to_string(), "17:00");
    assert_eq!(settings.blfs[0].first_name, "Ben");
    let custom = &settings.custom_forward_rules[0];
    assert_eq!(
        (custom.hours, custom.caller_id.as_str()),
        (RuleHours::Inside, "0049*")
    );
    assert_eq!(
        custom.week.0[6],
        Day {
            enabled: true,
            ranges: Vec::new()
        }
    );
    let rule = |case: ForwardCase| settings.forward_rules.0[case.index()].clone();
    let hang_up = ForwardRule {
        action: ForwardAction::HangUp,
        number: String::new(),
        timeout: None,
    };
    assert_eq!(
        rule(ForwardCase::AvailableNoAnswer),
        ForwardRule {
            action: ForwardAction::ToNumber,
            number: "1002".into(),
            timeout: Some(20)
        }
    );
    // The old rule for a busy user held at all hours, and had nothing to wait for.
    for case in [
        ForwardCase::BusyOffice,
        ForwardCase::BusyNonOffice,
        ForwardCase::OfflineOffice,
    ] {
        assert_eq!(rule(case), hang_up, "{case:?}");
    }
    assert_eq!(
        rule(ForwardCase::OfflineNonOffice).action,
        ForwardAction::ToVoicemail
    );
    assert_eq!(
        rule(ForwardCase::BusyNoAnswer),
        ForwardCase::BusyNoAnswer.default_rule()
    );
}

#[test]
fn every_column_is_read_somehow() {
    for column in COLUMNS {
        let text = format!("{},name\n~,ada\n", column.name());
        let file = if column.name() == "name" {
            "name\nada\n"
        } else {
            &text
        };
        let said = complaints(file).concat();
        assert!(!said.contains("cannot be imported"), "{column:?}: {said}");
    }
    let names: std::collections::HashSet<_> = COLUMNS.iter().map(|column| column.name()).collect();
    assert_eq!(names.len(), COLUMNS.len());
    for case in ForwardCase::ALL {
        assert!(COLUMNS.contains(&Column::Value(case.field())), "{case:?}");
    }
}

#[test]
fn an_empty_cell_says_nothing() {
    let header: Vec<_> = COLUMNS.iter().map(|column| column.name()).collect();
    let text = format!("{}\nada{}\n", header.join(","), ",".repeat(COLUMNS.len() - 1));
    let expected = ImportedUser {
        line: 2,
        name: "ada".into(),
        ..ImportedUser::default()
    };
    let row = row(&text);
    assert_eq!(row.patch, expected.patch);
    assert_eq!((row.password, row.extension_number, row.role), (None, None, None));
    assert_eq!(
        settings(&self::row("name\nada\n")).office_hours,
        OfficeHours::default()
    );
}

#[test]
fn separators_marks_and_line_ends() {
    for (text, address) in [
        ("name,address\nada,\"1, Main St\"\n", "1, Main St"),
        ("name;address\r\nada;1, Main St\r\n", "1, Main St"),
        ("name\taddress\nada\t1; Main St", "1; Main St"),
        ("\u{feff}name,address\nada,x", "x"),
        (
            "\u{feff}\"name\";\"address\"\nada;\"a \"\"b\"\"; c\"",
            "a \"b\"; c",
        ),
        ("ADDRESS , Name\rx,ada\r", "x"),
        ("name,address\nada,5\" pipe\n", "5\" pipe"),
        ("name,address,,\nada,x,,\n,,,\n", "x"),
        ("name,address\nada,\"two\r\nlines\"\n", "two\r\nlines"),
        ("address,name\n'=1+1,ada\n", "=1+1"),
        ("address,name\n''=1+1,ada\n", "'=1+1"),
        ("address,name\n'tis,ada\n", "'tis"),
    ] {
        let row = row(text);
        assert_eq!(row.unreadable, Vec::new(), "{text:?}");
        assert_eq!(
            (row.name.as_str(), row.patch.address),
            ("ada", Patch::Set(address.into())),
            "{text:?}"
        );
    }
}

#[test]
fn lines_are_those_of_an_editor() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "name,address",
            "a,1",
            "",
            "b,\"x",
            "y",
            "z\"",
            "",
            "",
            "c,2",
            ",",
            "d,\"\"",
        ]
        .join(end);
        let lines: Vec<_> = table(&text)
            .rows
            .iter()
            .map(|row| (row.name.clone(), row.line))
            .collect();
        let expected = [("a", 2), ("b", 4), ("c", 9), ("d", 11)].map(|(name, line)| (name.to_owned(), line));
        assert_eq!(lines, expected, "{end:?}");
    }
}
