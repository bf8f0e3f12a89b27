use serde_json::json;

use super::*;

const SAMPLES: &str = include_str!("../../samples/asterisk.json");

fn samples() -> Vec<Value> {
    serde_json::from_str(SAMPLES).unwrap()
}

fn read_in(record: &Value, zone: &Zone) -> Result<NewCallRecord> {
    serde_json::from_value::<Record>(record.clone())
        .unwrap()
        .read(zone)
}

fn read(record: &Value) -> NewCallRecord {
    read_in(record, &Zone::utc()).unwrap()
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut record = samples().remove(0);
    for (name, value) in changes {
        record[name] = value.clone();
    }
    record
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn an_event_of_the_manager_becomes_a_call_record() {
    let expected = NewCallRecord {
        caller: "1001".into(),
        caller_display_name: "Ada Okafor".into(),
        callee: "004930998877".into(),
        answered_at: Some(at("2026-03-02T07:58:19Z")),
        call_id: "1772438292.14".into(),
        status_code: 200,
        destination: "004930998877".into(),
        outbound_caller_id: "1001".into(),
        trunk: "acme-trunk".into(),
        user_data: "order 4711".into(),
        billed_account: "acme-berlin".into(),
        ..NewCallRecord::between(
            "1772438292.14:2026-03-02 07:58:12:PJSIP/acme-trunk-00000008",
            CallDirection::Outbound,
            at("2026-03-02T07:58:12Z"),
            at("2026-03-02T07:59:40Z"),
        )
    };
    assert_eq!(read(&samples()[0]), expected);
    assert!(expected.check().is_empty());
}

#[test]
fn a_row_of_a_table_becomes_a_call_record() {
    let expected = NewCallRecord {
        caller: "+493022446688".into(),
        callee: "1002".into(),
        answered_at: Some(at("2026-03-02T07:50:21Z")),
        call_id: "1772437800.20".into(),
        status_code: 200,
        destination: "700".into(),
        did_cid: "700".into(),
        trunk: "acme-trunk".into(),
        service_number: "700".into(),
        ..NewCallRecord::between(
            "1772437800.20:31",
            CallDirection::Inbound,
            at("2026-03-02T07:50:00Z"),
            at("2026-03-02T07:53:21Z"),
        )
    };
    assert_eq!(read(&samples()[1]), expected);
    assert!(expected.check().is_empty());
}

#[test]
fn clock_times_are_read_in_their_zone_and_spans_count() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let call = read_in(&samples()[0], &berlin).unwrap();
    assert_eq!(call.started_at, at("2026-03-02T06:58:12Z"));
    // The clocks are put back during the call: the end reads 02:00:12, before the start.
    let record = with(&[
        ("StartTime", json!("2026-10-25 02:58:12")),
        ("AnswerTime", json!("2026-10-25 02:58:32")),
        ("EndTime", json!("2026-10-25 02:00:12")),
        ("Duration", json!("120")),
        ("BillableSeconds", json!(100)),
    ]);
    let call = read_in(&record, &berlin).unwrap();
    assert_eq!(
        (call.started_at, call.answered_at, call.ended_at),
        (
            at("2026-10-25T00:58:12Z"),
            Some(at("2026-10-25T00:58:32Z")),
            at("2026-10-25T01:00:12Z")
        )
    );
    for (text, moment) in [
        ("2026-03-02T08:58:12+01:00", "2026-03-02T07:58:12Z"),
        ("1772438292", "2026-03-02T07:58:12Z"),
        ("1772438292.25", "2026-03-02T07:58:12.25Z"),
    ] {
        let record = with(&[("StartTime", json!(text))]);
        assert_eq!(
            read_in(&record, &berlin).unwrap().started_at,
            at(moment),
            "{text}"
        );
    }
}

#[test]
fn without_spans_the_times_count() {
    let mut record = with(&[]);
    for name in ["Duration", "BillableSeconds"] {
        record.as_object_mut().unwrap().remove(name);
    }
    let call = read(&record);
    assert_eq!(
        (call.answered_at, call.ended_at),
        (Some(at("2026-03-02T07:58:19Z")), at("2026-03-02T07:59:40Z"))
    );
}

#[test]
fn calls_that_nobody_answered() {
    for (disposition, status) in [
        ("NO ANSWER", 480),
        ("BUSY", 486),
        ("CONGESTION", 503),
        ("FAILED", 0),
        ("", 0),
    ] {
        let record = with(&[
            ("Disposition", json!(disposition)),
            ("AnswerTime", json!("")),
            ("BillableSeconds", json!("0")),
        ]);
        let call = read(&record);
        assert_eq!(
            (call.answered_at, call.status_code),
            (None, status),
            "{disposition}"
        );
        assert!(call.check().is_empty());
    }
    let zeros = with(&[
        ("Disposition", json!("NO ANSWER")),
        ("AnswerTime", json!("0000-00-00 00:00:00")),
    ]);
    assert_eq!(read(&zeros).answered_at, None);
}

#[test]
fn channels_tell_extensions_from_trunks() {
    for (channel, expected) in [
        ("PJSIP/1001-00000007", Ok("1001")),
        ("SIP/1001-0000a1b2", Ok("1001")),
        ("PJSIP/acme-trunk-00000008", Err(true)),
        ("DAHDI/i1/04930998877-1", Err(true)),
        ("Local/700@from-queue-0000001;1", Err(false)),
        ("", Err(false)),
        ("PJSIP/", Err(false)),
    ] {
        let endpoint = Endpoint::of(channel);
        match (&endpoint, expected) {
            (Endpoint::Extension(number), Ok(wanted)) => assert_eq!(*number, wanted),
            (other, Err(trunk)) => assert_eq!(other.is_trunk(), trunk, "{channel}"),
            _ => panic!("{channel}"),
        }
    }
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let fields = |record: &Value| {
        let Err(Error::Invalid(found)) = read_in(record, &Zone::utc()) else {
            panic!("{record} is read")
        };
        found.iter().map(|violation| violation.field).collect::<Vec<_>>()
    };
    assert_eq!(
        fields(&json!({})),
        [Field::ExternalId, Field::StartedAt, Field::EndedAt]
    );
    assert_eq!(
        fields(&with(&[("StartTime", json!("yesterday"))])),
        [Field::StartedAt]
    );
    assert_eq!(
        fields(&with(&[("EndTime", json!("later")), ("Duration", json!("-1"))])),
        [Field::EndedAt]
    );
}
