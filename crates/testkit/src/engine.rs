//! An engine that reports what happens on the telephone system of a tenant.

use std::{sync::Arc, time::Duration};

use jackfield_directory::Reported;
use jackfield_domain::{
    ApiKeyId, CallDirection, Caller, Delivery, MessageDirection, MessageKind, NewCallRecord, NewChatMessage,
    NewLiveCall, NewMessage, NewRecording, Reporter, TenantId, Timestamp,
};

use crate::{Company, TestServer};

/// An engine of a tenant. Its reports go into the server's directory; carrying them there is another test's subject.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    server: &'a TestServer,
    tenant: TenantId,
}

fn id(reported: &[Reported]) -> String {
    match reported {
        [Reported::New(id)] => id.to_string(),
        other => panic!("a report of one new item: {other:?}"),
    }
}

/// The moment so many seconds after the beginning of 2026.
pub fn second(second: i64) -> Timestamp {
    Timestamp::from_micros((1_767_225_600 + second) * 1_000_000)
}

/// A call of a minute.
pub fn call(external_id: &str, from: &str, to: &str, begin: i64) -> NewCallRecord {
    NewCallRecord {
        caller: from.into(),
        callee: to.into(),
        rang_at: Some(second(begin + 2)),
        answered_at: Some(second(begin + 5)),
        ..NewCallRecord::between(
            external_id,
            CallDirection::Internal,
            second(begin),
            second(begin + 65),
        )
    }
}

/// A recording of a minute.
pub fn recording(external_id: &str, from: &str, to: &str, begin: i64) -> NewRecording {
    NewRecording {
        external_id: external_id.into(),
        call_id: format!("call-of-{external_id}"),
        caller: from.into(),
        callee: to.into(),
        started_at: second(begin),
        ended_at: second(begin).plus(Duration::from_mins(1)),
        file_name: "call.wav".into(),
    }
}

/// A short message that came in.
pub fn message(external_id: &str, from: &str, to: &str, sent: i64) -> NewMessage {
    NewMessage {
        external_id: external_id.into(),
        config_id: "7".into(),
        sender: from.into(),
        sender_name: String::new(),
        receiver: to.into(),
        receiver_name: "Ada".into(),
        channel_name: "main".into(),
        channel_number: "+49301".into(),
        brand: "telco".into(),
        did: "+49301".into(),
        kind: MessageKind::Sms,
        direction: MessageDirection::In,
        content: "hello".into(),
        reason: String::new(),
        delivery: Delivery::Received,
        provider_message_id: format!("p-{external_id}"),
        created_at: second(sent),
    }
}

impl<'a> Engine<'a> {
    /// An engine of this tenant.
    pub fn of(server: &'a TestServer, company: &Company) -> Self {
        let tenant = TenantId::new(company.id.parse().expect("an id is a number"));
        Self { server, tenant }
    }

    fn reporter(self) -> Reporter {
        let caller = Arc::new(Caller::engine(self.tenant, ApiKeyId::FIRST));
        caller.reporter().expect("an engine reports")
    }

    /// Reports a call that is new; tells its id.
    pub async fn call(self, call: NewCallRecord) -> String {
        let reporter = self.reporter();
        let work = async move |directory: jackfield_directory::Directory| {
            directory.report_call_records(&reporter, vec![call]).await
        };
        id(&self.server.with_directory(work).await.expect("the store works"))
    }

    /// Reports a recording that is new; tells its id.
    pub async fn recording(self, recording: NewRecording) -> String {
        let reporter = self.reporter();
        let work = async move |directory: jackfield_directory::Directory| {
            directory.report_recordings(&reporter, vec![recording]).await
        };
        id(&self.server.with_directory(work).await.expect("the store works"))
    }

    /// Reports a message that is new; tells its id.
    pub async fn message(self, message: NewMessage) -> String {
        let reporter = self.reporter();
        let work = async move |directory: jackfield_directory::Directory| {
            directory.report_messages(&reporter, vec![message]).await
        };
        id(&self.server.with_directory(work).await.expect("the store works"))
    }

    /// Reports messages between users.
    pub async fn chat_messages(self, messages: Vec<NewChatMessage>) {
        let reporter = self.reporter();
        let work = async move |directory: jackfield_directory::Directory| {
            directory.report_chat_messages(&reporter, messages).await
        };
        let _ = self.server.with_directory(work).await.expect("the store works");
    }

    /// Reports the state of calls that are going on.
    pub async fn live_calls(self, calls: Vec<NewLiveCall>) {
        let reporter = self.reporter();
        let work = async move |directory: jackfield_directory::Directory| {
            directory.report_live_calls(&reporter, calls).await
        };
        let _ = self.server.with_directory(work).await.expect("the store works");
    }
}
