//! What FreeSWITCH's `mod_json_cdr` sends by itself, and how it becomes a call record.
//!
//! The module posts one object for each leg, as JSON, or in a form field `cdr` (URL-encoded, or in base64 under a media type of
//! its own). It cannot send a bearer token, but knows the basic scheme. Values of channel variables are URL-encoded unless it is
//! told otherwise. Whatever is not answered with 2xx it tries again, and then keeps in a file.

use std::collections::BTreeMap;

use axum::{
    extract::{Request, State},
    response::Response,
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jackfield_directory::{Directory, Reported};
use jackfield_domain::{CallDirection, EndReason, Field, NewCallRecord, Result, Rule, Timestamp, Violations};
use jackfield_edge::{Refusal, is_json, media_type, read_body};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::cdrs::Cdr;
use crate::{
    Reply, Reporting,
    batch::{BODY, Receipt, Sink, To, whole},
};

/// What the module sends of one leg. Of the many values only those are named here that are read; the rest is ignored.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Leg {
    /// The channel's variables, by name.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: BTreeMap<String, Value>,
    /// The dialplans that the call went through, the last one first.
    #[serde(default)]
    #[schema(value_type = Vec<Object>, required = false)]
    callflow: Vec<Flow>,
}

#[derive(Deserialize)]
struct Flow {
    #[serde(default)]
    caller_profile: Profile,
}

#[derive(Default, Deserialize)]
struct Profile {
    #[serde(default)]
    caller_id_name: String,
    #[serde(default)]
    caller_id_number: String,
    #[serde(default)]
    destination_number: String,
    #[serde(default)]
    context: String,
    #[serde(default)]
    originator: Option<Value>,
}

/// The module's word for "nobody was named".
const NO_NAME: &str = "Outbound Call";

impl Leg {
    /// A variable as text; empty when there is none.
    fn variable(&self, name: &str) -> String {
        match self.variables.get(name) {
            Some(Value::String(text)) if self.is_encoded() => {
                percent_decoded(text).unwrap_or_else(|| text.clone())
            }
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Whether the values of variables are URL-encoded, as they are by default. The stamps of times have a space or what stands
    /// for it.
    fn is_encoded(&self) -> bool {
        matches!(self.variables.get("start_stamp"), Some(Value::String(stamp)) if stamp.contains('%'))
    }

    /// The first of these variables that is not empty.
    fn first(&self, names: &[&str]) -> String {
        names
            .iter()
            .map(|name| self.variable(name))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    /// A moment, in microseconds or else in seconds since 1970; zero means that it never was.
    fn moment(&self, name: &str) -> Option<Timestamp> {
        let number = |name: String, factor: i64| {
            let number = self.variable(&name).parse::<i64>().ok()?;
            (number > 0).then(|| number.checked_mul(factor))?
        };
        number(format!("{name}_uepoch"), 1)
            .or_else(|| number(format!("{name}_epoch"), 1_000_000))
            .map(Timestamp::from_micros)
    }

    /// Whether another leg began this one. That other leg is the call, and tells of this one too.
    fn is_second(&self) -> bool {
        !self.variable("originating_leg_uuid").is_empty()
            || self
                .callflow
                .iter()
                .any(|flow| flow.caller_profile.originator.is_some())
    }

    fn read(&self) -> Result<Option<NewCallRecord>> {
        if self.is_second() {
            return Ok(None);
        }
        let mut found = Violations::new();
        let mut needed = |name, field| {
            self.moment(name).unwrap_or_else(|| {
                found.add(field, Rule::Required);
                Timestamp::from_micros(0)
            })
        };
        let (started_at, ended_at) = (needed("start", Field::StartedAt), needed("end", Field::EndedAt));
        let blank = Profile::default();
        let profiles = || self.callflow.iter().map(|flow| &flow.caller_profile);
        // The dialplan that the call came to, and the one that it was in at the end.
        let first = profiles().next_back().unwrap_or(&blank);
        let last = profiles().next().unwrap_or(&blank);

        let external_id = self.variable("uuid");
        if external_id.is_empty() {
            found.add(Field::ExternalId, Rule::Required);
        }
        found.finish()?;
        let or = |text: &str, other: String| if text.is_empty() { other } else { text.to_owned() };
        let answered_at = self.moment("answer");
        let destination = or(
            &first.destination_number,
            self.first(&["destination_number", "sip_to_user"]),
        );
        let callee_name = self.variable("last_sent_callee_id_name");
        let gateway = self.gateway();
        let direction = self.direction(first, gateway.is_some());
        let outside = |is: bool, text: String| if is { text } else { String::new() };
        let goes_out = matches!(
            direction,
            CallDirection::Outbound | CallDirection::InboundOutbound
        );
        let comes_in = matches!(direction, CallDirection::Inbound | CallDirection::InboundOutbound);
        Ok(Some(NewCallRecord {
            caller: or(
                &first.caller_id_number,
                self.first(&["caller_id_number", "sip_from_user"]),
            ),
            caller_domain: self.variable("sip_from_host"),
            caller_display_name: or(
                &first.caller_id_name,
                self.first(&["caller_id_name", "sip_from_display"]),
            ),
            callee: self
                .non_empty("last_sent_callee_id_number")
                .or_else(|| self.non_empty("dialed_user"))
                .unwrap_or_else(|| or(&last.destination_number, destination.clone())),
            callee_domain: self.first(&["dialed_domain", "sip_to_host"]),
            callee_display_name: if callee_name == NO_NAME {
                String::new()
            } else {
                callee_name
            },
            rang_at: [self.moment("progress"), self.moment("progress_media")]
                .into_iter()
                .flatten()
                .min()
                .filter(|rang| answered_at.is_none_or(|answered| *rang <= answered)),
            answered_at,
            call_id: self.variable("sip_call_id"),
            end_reason: self.end_reason(answered_at.is_some()),
            status_code: self.status_code(answered_at.is_some()),
            did_cid: outside(comes_in, destination.clone()),
            outbound_caller_id: outside(
                goes_out,
                self.first(&["effective_caller_id_number", "outbound_caller_id_number"]),
            ),
            trunk: gateway.unwrap_or_else(|| self.first(&["sip_gateway_name", "sip_gateway"])),
            service_number: self.queue(),
            billed_account: self.variable("accountcode"),
            destination,
            ..NewCallRecord::between(external_id, direction, started_at, ended_at)
        }))
    }

    fn non_empty(&self, name: &str) -> Option<String> {
        Some(self.variable(name)).filter(|text| !text.is_empty())
    }

    /// The gateway that the call was sent out over, from what was last bridged to.
    fn gateway(&self) -> Option<String> {
        ["last_arg", "current_application_data"].iter().find_map(|name| {
            let data = self.variable(name);
            let (_, rest) = data.split_once("sofia/gateway/")?;
            let name = rest.split('/').next().unwrap_or_default();
            (!name.is_empty()).then(|| name.to_owned())
        })
    }

    /// From where to where. The default configuration has calls from outside in the context `public` and on the profile
    /// `external`; a variable `call_direction`, as some distributions set it, goes before that.
    fn direction(&self, first: &Profile, over_gateway: bool) -> CallDirection {
        match self.variable("call_direction").as_str() {
            "inbound" => return CallDirection::Inbound,
            "outbound" => return CallDirection::Outbound,
            "local" | "internal" => return CallDirection::Internal,
            _ => {}
        }
        let from_outside = first.context == "public" || self.variable("sofia_profile_name") == "external";
        let to_outside = over_gateway || self.variable("last_arg").contains("sofia/external/");
        match (from_outside, to_outside) {
            (false, false) => CallDirection::Internal,
            (true, false) => CallDirection::Inbound,
            (false, true) => CallDirection::Outbound,
            (true, true) => CallDirection::InboundOutbound,
        }
    }

    fn end_reason(&self, answered: bool) -> Option<EndReason> {
        match self.variable("endpoint_disposition").as_str() {
            "BLIND_TRANSFER" => return Some(EndReason::BlindTransferCompleted),
            "ATTENDED_TRANSFER" => return Some(EndReason::ConsultTransferCompleted),
            _ => {}
        }
        // What this leg, the caller's, has received or sent.
        match self.variable("sip_hangup_disposition").as_str() {
            "recv_bye" => Some(EndReason::CallerDisconnected),
            "send_bye" => Some(EndReason::CalleeDisconnected),
            "recv_cancel" => Some(EndReason::Cancelled),
            _ if !answered && self.variable("hangup_cause") == "ORIGINATOR_CANCEL" => {
                Some(EndReason::Cancelled)
            }
            _ => None,
        }
    }

    /// The status that the caller was given: the one that was sent, or the one that the engine sends for the cause.
    fn status_code(&self, answered: bool) -> i64 {
        if answered {
            return 200;
        }
        let told = self.first(&[
            "sip_invite_failure_status",
            "last_bridge_proto_specific_hangup_cause",
            "proto_specific_hangup_cause",
        ]);
        if let Ok(status) = told.trim_start_matches("sip:").parse::<i64>()
            && (300..700).contains(&status)
        {
            return status;
        }
        match self.variable("hangup_cause").as_str() {
            "UNALLOCATED_NUMBER" | "NO_ROUTE_DESTINATION" => 404,
            "USER_BUSY" => 486,
            "NO_USER_RESPONSE" => 408,
            "NO_ANSWER" | "SUBSCRIBER_ABSENT" => 480,
            "CALL_REJECTED" => 603,
            "ORIGINATOR_CANCEL" => 487,
            _ => 0,
        }
    }

    /// The queue of the call centre module, without its domain.
    fn queue(&self) -> String {
        let queue = self.variable("cc_queue");
        queue.split('@').next().unwrap_or_default().to_owned()
    }
}

/// Undoes percent-encoding; nothing when the text is not so encoded.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            // `+5` would be a number too.
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The JSON in what the module sent, whichever way it was told to send it.
fn json(media: Option<&str>, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    const FORM: &str = "application/x-www-form-urlencoded";
    const BASE64: &str = "application/x-www-form-base64-encoded";
    let unreadable = || Refusal::Form("send the field `cdr` with a JSON object in it".into());
    let field = || body.strip_prefix(b"cdr=").ok_or_else(unreadable);
    match media {
        None => Ok(body.to_vec()),
        Some(name) if is_json(name) => Ok(body.to_vec()),
        Some(name) if name.eq_ignore_ascii_case(BASE64) => {
            let lenient =
                GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
            let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
            let text: Vec<u8> = field()?
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            engine.decode(text).map_err(|_| unreadable())
        }
        Some(name) if name.eq_ignore_ascii_case(FORM) => {
            // With `disable-100-continue` the module loses its own media type and sends JSON under curl's.
            if body.trim_ascii_start().starts_with(b"{") {
                return Ok(body.to_vec());
            }
            let value = field()?;
            if value.trim_ascii_start().starts_with(b"{") {
                return Ok(value.to_vec());
            }
            let text = std::str::from_utf8(value).map_err(|_| unreadable())?;
            let text = text.split('&').next().unwrap_or_default().replace('+', " ");
            percent_decoded(&text)
                .map(String::into_bytes)
                .ok_or_else(unreadable)
        }
        Some(_) => Err(Refusal::MediaType("application/json")),
    }
}

struct Legs(To<Cdr>);

impl Sink for Legs {
    const OWN_NAMES: bool = false;

    type Wire = Leg;
    type Item = NewCallRecord;

    fn read(&self, wire: Leg) -> Result<Option<NewCallRecord>> {
        wire.read()
    }

    async fn store(&self, items: Vec<NewCallRecord>) -> Result<Vec<Reported>> {
        self.0.store(items).await
    }
}

/// Report calls as FreeSWITCH sends them
///
/// For the module `mod_json_cdr`: point its `url` here and give the key as the password of its `cred`. A leg that another leg
/// began is skipped, for that other one is the call.
#[utoipa::path(
    post, path = "/feed/freeswitch/cdrs", tag = "feed from engines",
    params(("uuid" = Option<String>, Query, description = "The module adds it; the body has it too.")),
    request_body(content(
        (Leg = "application/json"),
        (String = "application/x-www-form-urlencoded"),
        (String = "application/x-www-form-base64-encoded")
    )),
    responses((status = 200, body = Receipt))
)]
pub(crate) async fn report(
    reporting: Reporting,
    State(directory): State<Directory>,
    request: Request,
) -> Reply<Response> {
    let media = media_type(request.headers()).map(ToOwned::to_owned);
    let body = read_body(request, BODY).await?;
    let sink = Legs(To::new(directory, reporting));
    let json = json(media.as_deref(), &body)?;
    Ok(whole(&sink, &json).await?.answer())
}

#[cfg(test)]
#[path = "freeswitch_tests.rs"]
mod tests;
