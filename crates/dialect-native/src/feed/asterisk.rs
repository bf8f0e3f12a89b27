//! Asterisk's call detail records as JSON, and how they become call records.
//!
//! Both spellings of the fields are taken: those of the manager's event `Cdr` (`Source`, `StartTime`) and those of the function
//! `CDR()` and of the tables that the engine writes (`src`, `start`), in any case.

use std::collections::BTreeMap;

use axum::{
    extract::{Request, State},
    response::Response,
};
use jackfield_directory::{Directory, Reported};
use jackfield_domain::{
    CallDirection, Error, Field, NewCallRecord, Result, Rule, Timestamp, Violation, Violations, Zone,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::cdrs::Cdr;
use crate::{
    Params, Reply, Reporting,
    batch::{OneOrMany, Receipt, Sink, To, take},
};

/// A record of Asterisk. Numbers may be sent as texts; other fields are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "for the document; records are read field by field")]
pub(crate) struct AsteriskCdr {
    /// Who pays; also `accountcode`.
    #[schema(rename = "AccountCode")]
    account_code: Option<String>,
    /// The calling number; also `src`.
    #[schema(rename = "Source")]
    source: Option<String>,
    /// The number that was dialled; also `dst`.
    #[schema(rename = "Destination")]
    destination: Option<String>,
    /// The context that it was dialled in; also `dcontext`.
    #[schema(rename = "DestinationContext")]
    destination_context: Option<String>,
    /// Name and number of the caller: `"Ada" <1001>`; also `clid`.
    #[schema(rename = "CallerID")]
    caller_id: Option<String>,
    /// The caller's channel.
    #[schema(rename = "Channel", example = "PJSIP/1001-00000007")]
    channel: String,
    /// The called channel; also `dstchannel`.
    #[schema(rename = "DestinationChannel")]
    destination_channel: Option<String>,
    /// The last application of the dialplan; also `lastapp`.
    #[schema(rename = "LastApplication")]
    last_application: Option<String>,
    /// What it was given; also `lastdata`.
    #[schema(rename = "LastData")]
    last_data: Option<String>,
    /// When it began; also `start`. A clock time is read in the zone of the query's `timezone`.
    #[schema(rename = "StartTime", example = "2026-03-02 09:00:00")]
    start_time: String,
    /// When it was answered; also `answer`.
    #[schema(rename = "AnswerTime")]
    answer_time: Option<String>,
    /// When it ended; also `end`. Needed unless `Duration` is given.
    #[schema(rename = "EndTime")]
    end_time: Option<String>,
    /// Seconds from the start to the end; also `duration`.
    #[schema(rename = "Duration")]
    duration: Option<i64>,
    /// Seconds from the answer to the end; also `billsec`.
    #[schema(rename = "BillableSeconds")]
    billable_seconds: Option<i64>,
    /// `ANSWERED`, `NO ANSWER`, `BUSY`, `FAILED` or `CONGESTION`.
    #[schema(rename = "Disposition")]
    disposition: Option<String>,
    /// The id of the caller's channel.
    #[schema(rename = "UniqueID", example = "1772438400.42")]
    unique_id: String,
    /// The number of the record among those of the channel, when the engine is set up to tell.
    #[schema(rename = "Sequence")]
    sequence: Option<i64>,
    /// What links the records of one call.
    #[schema(rename = "LinkedID")]
    linked_id: Option<String>,
    /// What an integration keeps with it.
    #[schema(rename = "UserField")]
    user_field: Option<String>,
}

/// A record as it is read: by the names of its fields in lower case.
#[derive(Deserialize)]
#[serde(from = "BTreeMap<String, Value>")]
pub(crate) struct Record(BTreeMap<String, String>);

impl From<BTreeMap<String, Value>> for Record {
    fn from(fields: BTreeMap<String, Value>) -> Self {
        let text = |value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Self(
            fields
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)))
                .collect(),
        )
    }
}

impl Record {
    fn field(&self, names: [&str; 2]) -> &str {
        names
            .iter()
            .find_map(|name| self.0.get(*name))
            .map_or("", |text| text.trim())
    }

    fn seconds(&self, names: [&str; 2]) -> Option<i64> {
        self.field(names).parse().ok().filter(|seconds| *seconds >= 0)
    }

    fn moment(
        &self,
        names: [&str; 2],
        zone: &Zone,
        field: Field,
        found: &mut Violations,
    ) -> Option<Timestamp> {
        let text = self.field(names);
        // Before version 12, what never was is all zeros.
        if text.is_empty() || text.starts_with("0000-") {
            return None;
        }
        let moment = Timestamp::parse(text)
            .or_else(|| zone.at_clock_time(text))
            .or_else(|| since_1970(text));
        if moment.is_none() {
            found.add(
                field,
                Rule::Form("a time like 2026-03-02 09:00:00, RFC 3339, or seconds since 1970"),
            );
        }
        moment
    }

    fn read(&self, zone: &Zone) -> Result<NewCallRecord> {
        let mut found = Violations::new();
        let id = self.field(["uniqueid", "uniqueid"]);
        if id.is_empty() {
            found.add(Field::ExternalId, Rule::Required);
        }
        let mut moment = |names, field| self.moment(names, zone, field, &mut found);
        let started_at = moment(["starttime", "start"], Field::StartedAt);
        let answer = moment(["answertime", "answer"], Field::AnsweredAt);
        let end = moment(["endtime", "end"], Field::EndedAt);
        let duration = self.seconds(["duration", "duration"]);
        if started_at.is_none() && !found.concerns(Field::StartedAt) {
            found.add(Field::StartedAt, Rule::Required);
        }
        let start = started_at.unwrap_or(Timestamp::from_micros(0));
        // A clock time is ambiguous when the clocks are put back, a number of seconds is not.
        let Some(ended_at) = duration.map(|seconds| plus(start, seconds)).or(end) else {
            if !found.concerns(Field::EndedAt) {
                found.add(Field::EndedAt, Rule::Required);
            }
            return Err(Error::Invalid(found.into_vec()));
        };
        found.finish()?;
        let disposition = self.field(["disposition", "disposition"]).to_ascii_uppercase();
        let answered_at = (disposition == "ANSWERED").then(|| {
            let billed = self.seconds(["billableseconds", "billsec"]);
            let answered = billed.map(|seconds| plus(ended_at, -seconds)).or(answer);
            answered.unwrap_or(start).clamp(start, ended_at.max(start))
        });
        let (from, to) = (
            Endpoint::of(self.field(["channel", "channel"])),
            Endpoint::of(self.field(["destinationchannel", "dstchannel"])),
        );
        let direction = match (from.is_trunk(), to.is_trunk()) {
            (false, false) => CallDirection::Internal,
            (true, false) => CallDirection::Inbound,
            (false, true) => CallDirection::Outbound,
            (true, true) => CallDirection::InboundOutbound,
        };
        let text = |names| self.field(names).to_owned();
        let destination = text(["destination", "dst"]);
        let caller = text(["source", "src"]);
        let application = self.field(["lastapplication", "lastapp"]);
        let data = self.field(["lastdata", "lastdata"]);
        Ok(NewCallRecord {
            caller_display_name: display_name(self.field(["callerid", "clid"]), &caller),
            callee: match &to {
                Endpoint::Extension(number) => (*number).to_owned(),
                _ => destination.clone(),
            },
            answered_at,
            call_id: Some(text(["linkedid", "linkedid"]))
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| id.to_owned()),
            status_code: match disposition.as_str() {
                "ANSWERED" => 200,
                "BUSY" => 486,
                "NO ANSWER" => 480,
                "CONGESTION" => 503,
                _ => 0,
            },
            outbound_caller_id: if to.is_trunk() {
                caller.clone()
            } else {
                String::new()
            },
            did_cid: if from.is_trunk() {
                destination.clone()
            } else {
                String::new()
            },
            trunk: [&to, &from]
                .into_iter()
                .find_map(|endpoint| match endpoint {
                    Endpoint::Trunk(name) => Some((*name).to_owned()),
                    _ => None,
                })
                .unwrap_or_default(),
            service_number: if application.eq_ignore_ascii_case("queue") {
                data.split(',').next().unwrap_or_default().to_owned()
            } else {
                String::new()
            },
            user_data: text(["userfield", "userfield"]),
            billed_account: text(["accountcode", "accountcode"]),
            caller,
            destination,
            ..NewCallRecord::between(self.external_id(id), direction, start, ended_at)
        })
    }

    /// One channel can have several records. Their number tells them apart where the engine gives it; otherwise when they began
    /// and whom they went to.
    fn external_id(&self, id: &str) -> String {
        match self.field(["sequence", "sequence"]) {
            "" => {
                let start = self.field(["starttime", "start"]);
                let to = self.field(["destinationchannel", "dstchannel"]);
                format!("{id}:{start}:{to}")
            }
            sequence => format!("{id}:{sequence}"),
        }
    }
}

/// What is at the end of a channel: `PJSIP/1001-00000007` is the extension 1001, `PJSIP/acme-00000008` the trunk acme.
enum Endpoint<'a> {
    /// Its name is a number.
    Extension(&'a str),
    /// Its name is no number.
    Trunk(&'a str),
    /// Nothing, or something inside of the engine.
    Inside,
}

impl<'a> Endpoint<'a> {
    fn of(channel: &'a str) -> Self {
        const WIRED: [&str; 6] = ["PJSIP", "SIP", "IAX2", "DAHDI", "OOH323", "MOBILE"];
        let Some((technology, rest)) = channel.split_once('/') else {
            return Self::Inside;
        };
        if !WIRED.iter().any(|wired| wired.eq_ignore_ascii_case(technology)) {
            return Self::Inside;
        }
        let name = rest.rsplit_once('-').map_or(rest, |(name, _)| name);
        if name.is_empty() {
            Self::Inside
        } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Extension(name)
        } else {
            Self::Trunk(name)
        }
    }

    fn is_trunk(&self) -> bool {
        matches!(self, Self::Trunk(_))
    }
}

/// The name in `"Ada Okafor" <1001>`; empty when it only repeats the number.
fn display_name(caller_id: &str, number: &str) -> String {
    let name = caller_id.split('<').next().unwrap_or_default().trim();
    let name = name.trim_matches('"').trim();
    if name == number {
        String::new()
    } else {
        name.to_owned()
    }
}

fn plus(moment: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_micros(
        moment
            .as_micros()
            .saturating_add(seconds.saturating_mul(1_000_000)),
    )
}

/// `1772438400` or `1772438400.123456`, as `${CDR(start,u)}` prints it.
fn since_1970(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    (seconds >= 0 && micros >= 0).then_some(())?;
    seconds
        .checked_mul(1_000_000)?
        .checked_add(micros)
        .map(Timestamp::from_micros)
}

/// How records are to be read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// The time zone of the engine's clock times, an IANA name; UTC unless it is given. Have the engine write UTC where you can:
    /// an hour a year is ambiguous everywhere else.
    #[param(example = "Europe/Berlin")]
    timezone: Option<String>,
}

impl How {
    fn zone(&self) -> Result<Zone> {
        match self.timezone.as_deref() {
            None | Some("") => Ok(Zone::utc()),
            Some(name) => Zone::named(name).ok_or_else(|| {
                let rule = Rule::Form("the IANA name of a time zone, such as Europe/Berlin");
                Error::invalid(Violation::new(Field::Timezone, rule))
            }),
        }
    }
}

struct Records {
    cdrs: To<Cdr>,
    zone: Zone,
}

impl Sink for Records {
    const OWN_NAMES: bool = false;

    type Wire = Record;
    type Item = NewCallRecord;

    fn read(&self, wire: Record) -> Result<Option<NewCallRecord>> {
        wire.read(&self.zone).map(Some)
    }

    async fn store(&self, items: Vec<NewCallRecord>) -> Result<Vec<Reported>> {
        self.cdrs.store(items).await
    }
}

/// Report calls as Asterisk has them
///
/// One record, a list of up to 10,000, or a stream of lines. A channel whose name is a number belongs to an extension, any other
/// to a trunk.
#[utoipa::path(
    post, path = "/feed/asterisk/cdrs", tag = "feed from engines", params(How),
    request_body(content(
        (OneOrMany<AsteriskCdr> = "application/json"),
        (AsteriskCdr = "application/x-ndjson")
    )),
    responses((status = 200, body = Receipt))
)]
pub(crate) async fn report(
    reporting: Reporting,
    State(directory): State<Directory>,
    how: Params<How>,
    request: Request,
) -> Reply<Response> {
    let sink = Records {
        zone: how.0.zone()?,
        cdrs: To::new(directory, reporting),
    };
    take(&sink, request).await
}

#[cfg(test)]
#[path = "asterisk_tests.rs"]
mod tests;
