use jackfield_domain::Error;
use serde_json::json;

use super::*;

const SAMPLE: &str = include_str!("../../samples/freeswitch.json");

fn sample() -> Value {
    serde_json::from_str(SAMPLE).unwrap()
}

fn read(leg: &Value) -> Result<Option<NewCallRecord>> {
    serde_json::from_value::<Leg>(leg.clone()).unwrap().read()
}

/// The sample with other variables, as the engine writes them when it does not encode values.
fn plain(changes: &[(&str, &str)]) -> NewCallRecord {
    let mut leg = sample();
    for value in leg["variables"].as_object_mut().unwrap().values_mut() {
        let decoded = percent_decoded(value.as_str().unwrap()).unwrap();
        *value = decoded.into();
    }
    for (name, value) in changes {
        leg["variables"][name] = (*value).into();
    }
    read(&leg).unwrap().unwrap()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

#[test]
fn a_leg_becomes_a_call_record() {
    let expected = NewCallRecord {
        caller: "+493022446688".into(),
        caller_domain: "203.0.113.20".into(),
        caller_display_name: "Praxis Dr. Öztürk".into(),
        callee: "1001".into(),
        callee_domain: "sip.one.test".into(),
        rang_at: Some(at(1_772_438_292_845_000)),
        answered_at: Some(at(1_772_438_299_120_345)),
        call_id: "b1946ac92492d2347c6235b4@203.0.113.20".into(),
        end_reason: Some(EndReason::CallerDisconnected),
        status_code: 200,
        destination: "+4930555100".into(),
        did_cid: "+4930555100".into(),
        billed_account: "acme-berlin".into(),
        ..NewCallRecord::between(
            "7c1f6a52-91d4-4b0e-9a57-0f6c2d1be801",
            CallDirection::Inbound,
            at(1_772_438_292_345_678),
            at(1_772_438_380_500_000),
        )
    };
    assert_eq!(read(&sample()).unwrap(), Some(expected.clone()));
    assert!(expected.check().is_empty());
    // The same with values as they are.
    assert_eq!(plain(&[]), expected);
}

#[test]
fn a_percent_sign_in_a_value_that_is_not_encoded_stays() {
    assert_eq!(plain(&[("accountcode", "50%20x")]).billed_account, "50%20x");
    let mut leg = sample();
    leg["variables"]["accountcode"] = "50%25".into();
    assert_eq!(read(&leg).unwrap().unwrap().billed_account, "50%");
    leg["variables"]["accountcode"] = "%zz".into();
    assert_eq!(read(&leg).unwrap().unwrap().billed_account, "%zz");
}

#[test]
fn calls_go_in_out_and_through() {
    let out = [
        ("last_arg", "sofia/gateway/acme/004930998877"),
        ("effective_caller_id_number", "+4930555100"),
    ];
    let through = plain(&out);
    assert_eq!(through.direction, CallDirection::InboundOutbound);
    assert_eq!(
        (through.trunk.as_str(), through.outbound_caller_id.as_str()),
        ("acme", "+4930555100")
    );
    let mut leg = sample();
    leg["callflow"][1]["caller_profile"]["context"] = "default".into();
    leg["variables"]["sofia_profile_name"] = "internal".into();
    assert_eq!(read(&leg).unwrap().unwrap().direction, CallDirection::Internal);
    leg["variables"]["last_arg"] = "sofia/gateway/acme/004930998877".into();
    let outbound = read(&leg).unwrap().unwrap();
    assert_eq!(
        (outbound.direction, outbound.did_cid.as_str()),
        (CallDirection::Outbound, "")
    );
    assert_eq!(
        plain(&[("call_direction", "local")]).direction,
        CallDirection::Internal
    );
}

#[test]
fn a_call_that_nobody_answered() {
    let missed = [
        ("answer_epoch", "0"),
        ("answer_uepoch", "0"),
        ("sip_hangup_disposition", "recv_cancel"),
        ("hangup_cause", "ORIGINATOR_CANCEL"),
        ("last_bridge_proto_specific_hangup_cause", ""),
        ("proto_specific_hangup_cause", ""),
    ];
    let call = plain(&missed);
    assert_eq!(
        (call.answered_at, call.end_reason, call.status_code),
        (None, Some(EndReason::Cancelled), 487)
    );
    assert!(call.rang_at.is_some() && call.check().is_empty());
    let mut busy = missed.to_vec();
    busy.extend([
        ("hangup_cause", "USER_BUSY"),
        ("sip_hangup_disposition", "send_refuse"),
        ("sip_invite_failure_status", "486"),
        ("cc_queue", "sales@sip.one.test"),
    ]);
    let call = plain(&busy);
    assert_eq!(
        (call.end_reason, call.status_code, call.service_number.as_str()),
        (None, 486, "sales")
    );
}

#[test]
fn the_second_leg_is_of_no_concern() {
    let mut leg = sample();
    leg["variables"]["originating_leg_uuid"] = "7c1f6a52-91d4-4b0e-9a57-0f6c2d1be801".into();
    assert_eq!(read(&leg).unwrap(), None);
    let mut leg = sample();
    leg["callflow"][0]["caller_profile"]["originator"] = json!({"originator_caller_profiles": []});
    assert_eq!(read(&leg).unwrap(), None);
}

#[test]
fn what_is_missing_is_named() {
    let Err(Error::Invalid(found)) = read(&json!({"variables": {}})) else {
        panic!("another outcome")
    };
    let fields: Vec<_> = found.iter().map(|violation| violation.field).collect();
    assert_eq!(fields, [Field::StartedAt, Field::EndedAt, Field::ExternalId]);
    // Seconds serve where the finer ones are missing.
    let call = plain(&[("end_uepoch", "")]);
    assert_eq!(call.ended_at, at(1_772_438_380_000_000));
}

#[test]
fn every_way_in_which_the_module_sends() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let text = r#"{"a": "1+1 & 2%"}"#;
    let base64 = base64::engine::general_purpose::STANDARD.encode(text);
    for (media, body) in [
        (None, text.to_owned()),
        (Some("application/json"), text.to_owned()),
        (
            Some(FORM),
            "cdr=%7B%22a%22%3A%20%221%2B1%20%26%202%25%22%7D".to_owned(),
        ),
        (
            Some(FORM),
            "cdr=%7B%22a%22:+%221%2B1+%26+2%25%22%7D&x=1".to_owned(),
        ),
        (Some(FORM), format!("cdr={text}")),
        (Some(FORM), text.to_owned()),
        (
            Some("application/x-www-form-base64-encoded"),
            format!("cdr={base64}"),
        ),
        (
            Some("application/x-www-form-base64-encoded"),
            format!("cdr={}\n", base64.trim_end_matches('=')),
        ),
    ] {
        assert_eq!(
            json(media, body.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap()),
            Ok(text.to_owned()),
            "{media:?} {body}"
        );
    }
    for (media, body) in [
        (FORM, "x=1"),
        (FORM, "cdr=%7"),
        (FORM, "cdr=%+5"),
        ("application/x-www-form-base64-encoded", "cdr=?"),
        ("text/plain", "{}"),
    ] {
        assert!(json(Some(media), body.as_bytes()).is_err(), "{body}");
    }
}
