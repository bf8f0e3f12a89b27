//! Transfers (RFC 3515, RFC 5589): a side asks with `REFER` that the other one be led to somebody else.
//!
//! The edge carries it out itself: it calls the target on the account of who transfers, and connects the other side when
//! somebody answers; so no telephone has to be able to follow a `REFER`. A `Replaces` in the target (RFC 3891) names another
//! call of the same telephone; its other side is taken over.

use std::sync::Arc;

use jackfield_domain::{EndReason, RerouteReason};
use rsipstack::{
    dialog::{DialogId, dialog::TransactionHandle},
    sip::{HasHeaders, Header, Request},
};
use tokio::sync::{mpsc, oneshot};

use super::{
    Calls,
    bridge::{Party, Side, Talk, Transfer},
    fork::Offer,
    joining::{Comes, Joining},
    lead::{Goal, Lead, News, Way},
    record::Record,
    sip,
    table::Ask,
    waiting::Music,
};
use crate::{
    Context,
    syntax::{Address, NameAddr, unescaped},
};

/// Another process is not asked, so an answer comes at once or never.
const SOON: std::time::Duration = std::time::Duration::from_secs(2);
/// For so long the answer to the `REFER` may take to be sent, which the first `NOTIFY` ought to follow.
const ANSWERED: std::time::Duration = std::time::Duration::from_millis(20);

/// A telephone that does not want to know does not keep the call from ending.
const TOLD: std::time::Duration = std::time::Duration::from_secs(4);

/// How far a transferred call may still go.
const HOPS: u32 = 70;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    user: String,
    /// Empty for a telephone number without a domain.
    host: String,
    /// The dialog that is to be replaced, as the side knows it.
    replaces: Option<Replaced>,
}

/// A dialog as `Replaces` names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    call_id: String,
    to_tag: String,
    from_tag: String,
}

impl Target {
    /// Reads the value of `Refer-To`.
    fn read(value: &str) -> Option<Self> {
        let address = NameAddr::read(value)?;
        if let Some((scheme, number)) = address.uri.split_once(':')
            && scheme.eq_ignore_ascii_case("tel")
        {
            return Some(Self {
                user: number.split(';').next()?.to_owned(),
                host: String::new(),
                replaces: None,
            });
        }
        let Address { user, host } = Address::read(address.uri)?;
        let headers = address.uri.split_once('?').map_or("", |(_, headers)| headers);
        let named = headers.split('&').filter_map(|header| header.split_once('='));
        let mut replaces = named.filter(|(name, _)| name.eq_ignore_ascii_case("Replaces"));
        let replaces = match replaces.next() {
            Some((_, value)) => Some(Replaced::read(&unescaped(value)?)?),
            None => None,
        };
        Some(Self { user, host, replaces })
    }
}

impl Replaced {
    /// Reads the value of `Replaces`.
    pub(super) fn read(value: &str) -> Option<Self> {
        let mut parts = value.split(';').map(str::trim);
        let call_id = parts.next()?.to_owned();
        let (mut to_tag, mut from_tag) = (None, None);
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            if name.eq_ignore_ascii_case("to-tag") {
                to_tag = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("from-tag") {
                from_tag = Some(value.to_owned());
            }
        }
        Some(Self {
            call_id,
            to_tag: to_tag?,
            from_tag: from_tag?,
        })
    }

    /// The dialog as we know it: the tag that it calls `to` is ours.
    pub(super) fn dialog(&self) -> DialogId {
        DialogId {
            call_id: self.call_id.clone(),
            local_tag: self.to_tag.clone(),
            remote_tag: self.from_tag.clone(),
        }
    }
}

/// Tells a side, in order, how its transfer goes. Dropping it ends nothing.
pub(super) struct Notices(mpsc::UnboundedSender<Notice>);

struct Notice {
    status: u16,
    /// Whether it is the last one.
    last: bool,
    /// Whether the side is left afterwards.
    leave: bool,
}

impl Notices {
    fn to(calls: &Arc<Calls>, party: &Arc<Party>) -> Self {
        // A handful at most: one for each thing that happens.
        let (sender, mut notices) = mpsc::unbounded_channel::<Notice>();
        let (calls, party) = (Arc::clone(calls), Arc::clone(party));
        tokio::spawn(async move {
            tokio::time::sleep(ANSWERED).await;
            while let Some(notice) = notices.recv().await {
                let state = if notice.last {
                    "terminated;reason=noresource"
                } else {
                    "active;expires=180"
                };
                let headers = vec![
                    Header::Event("refer".into()),
                    Header::SubscriptionState(state.into()),
                    Header::ContentType("message/sipfrag;version=2.0".into()),
                ];
                let body = format!("SIP/2.0 {}\r\n", sip::code(notice.status));
                let told = party.dialog.notify(Some(headers), Some(body.into_bytes()));
                if let Ok(Err(error)) = tokio::time::timeout(TOLD, told).await {
                    tracing::debug!("a side could not be told how its transfer goes: {error}");
                }
                if notice.leave {
                    party.leave(&calls, None);
                }
            }
        });
        Self(sender)
    }

    /// Something happened.
    fn tell(&self, status: u16) {
        let _ = self.0.send(Notice {
            status,
            last: false,
            leave: false,
        });
    }

    /// It is over; who transferred is left when it went well.
    pub(super) fn end(&self, status: u16) {
        let _ = self.0.send(Notice {
            status,
            last: true,
            leave: status < 300,
        });
    }
}

/// What became of a transfer.
pub(super) enum Went {
    /// The call goes on.
    On,
    /// The call is over.
    Over(EndReason),
    /// The side that is transferred waits in a queue and hears its music.
    Waits(Box<Music>),
    /// It is another call now, with this record; the one before ended for this reason.
    Another(Box<Record>, EndReason),
}

/// A side asks that the other be led elsewhere.
pub(super) async fn asked(
    talk: &mut Talk,
    calls: &Arc<Calls>,
    context: &Context,
    by: usize,
    request: &Request,
    handle: TransactionHandle,
) {
    let mut named = request
        .headers()
        .iter()
        .filter(|header| header.name().eq_ignore_ascii_case("Refer-To"));
    let (first, more) = (named.next(), named.next());
    let target = match (first, more) {
        (Some(header), None) => Target::read(header.value()),
        _ => None,
    };
    let (asks, other) = talk.seen_from(by);
    let (asks, kept, gone) = (Arc::clone(&asks.party), Arc::clone(&other.party), other.over);
    let tenant = talk.record.tenant();
    let card = context.directory().calling_card(tenant, &asks.number).await;
    let refused = match (&target, &card) {
        (None, _) => Some(400),
        _ if talk.is_changing() || gone => Some(491),
        (_, Ok(None)) => Some(403),
        _ if !asks.extension => Some(403),
        (_, Err(_)) => Some(503),
        (Some(target), Ok(Some(card))) => {
            let inside = target.host.is_empty() || target.host == card.domain;
            let described = kept.described().is_some();
            match (inside || target.replaces.is_some(), described) {
                // Calls to other domains are not made.
                (false, _) => Some(403),
                (_, false) => Some(488),
                (true, true) => None,
            }
        }
    };
    let (Some(target), Ok(Some(card)), None) = (target, card, refused) else {
        let _ = handle.reply(sip::code(refused.unwrap_or(503))).await;
        return;
    };
    let _ = handle.reply(sip::code(202)).await;
    let notices = Notices::to(calls, &asks);
    if let Some(replaced) = &target.replaces {
        match taken_over(calls, &talk.record, &asks, replaced).await {
            Taken::Speaks(new) => {
                talk.transfer = Some(Transfer {
                    by,
                    lead: None,
                    joining: Some(Joining::begin(&kept, *new, &[], Comes::Called(None))),
                    notices,
                });
                return;
            }
            // It rings there: the ringing ends, and begins anew for the other side.
            Taken::Rings if target.host == card.domain => {}
            Taken::Rings | Taken::Nothing => {
                notices.end(481);
                return;
            }
        }
    }
    let (Some(address), Some(said)) = (sip::address(&kept.number, &card.domain), kept.described()) else {
        notices.end(500);
        return;
    };
    notices.tell(100);
    let mut record = talk
        .record
        .another(calls, (&kept.number, &card.domain), &target.user);
    record.rerouted(RerouteReason::Transfer);
    let referred_by = format!("<sip:{}@{}>", asks.number, card.domain);
    let way = Way {
        tenant,
        goal: Goal::Number {
            account: asks.number.clone(),
            dialled: target.user,
        },
        offer: Offer {
            caller: address,
            name: record.caller_name().await,
            body: said,
            content_type: None,
            hops: HOPS,
            headers: vec![Header::ReferredBy(referred_by.into())],
        },
        record,
    };
    talk.transfer = Some(Transfer {
        by,
        lead: Some(Lead::start(calls, context, way)),
        joining: None,
        notices,
    });
}

/// What a `Replaces` names.
enum Taken {
    /// A side that speaks, and is ours now.
    Speaks(Box<Side>),
    /// Somebody who was ringing, and does so no more.
    Rings,
    /// No call of the side that asks.
    Nothing,
}

async fn taken_over(calls: &Calls, record: &Record, asks: &Party, replaced: &Replaced) -> Taken {
    let Some(call) = calls
        .table
        .having(record.tenant(), &replaced.dialog(), &asks.number)
    else {
        return Taken::Nothing;
    };
    // A call cannot take itself over: it would wait for itself.
    if asks.dialog.id() == replaced.dialog() {
        return Taken::Nothing;
    }
    let (give, given) = oneshot::channel();
    let release = Ask::Release {
        dialog: replaced.dialog(),
        give,
    };
    if call.send(release).await.is_err() {
        return Taken::Nothing;
    }
    match tokio::time::timeout(SOON, given).await {
        Ok(Ok(Some(side))) => return Taken::Speaks(Box::new(side)),
        // It rings.
        Ok(Err(_)) => {}
        Ok(Ok(None)) | Err(_) => return Taken::Nothing,
    }
    let (done, ended) = oneshot::channel();
    if call.send(Ask::HangUp(done)).await.is_err() {
        return Taken::Nothing;
    }
    let _ = tokio::time::timeout(SOON, ended).await;
    Taken::Rings
}

/// How a transfer goes that is going on. Gives the reason when the call is over.
pub(super) fn news(talk: &mut Talk, calls: &Calls, news: Option<News>) -> Option<EndReason> {
    let Transfer { by, lead, .. } = talk.transfer.as_ref()?;
    let (kept, shown) = (&talk.seen_from(*by).1.party, &lead.as_ref()?.shown);
    let joining = match news {
        Some(News::Rings) => {
            talk.transfer.as_ref()?.notices.tell(180);
            return None;
        }
        Some(News::Music(music)) => {
            let Music { side, open } = Music::of(*music, shown);
            Joining::begin(kept, side, shown, Comes::Music(open))
        }
        Some(News::Answered(answer)) => {
            let (winner, record) = *answer;
            Joining::begin(kept, winner.into_side(shown), shown, Comes::Called(Some(record)))
        }
        Some(News::Refused(status, _)) => return failed(talk, calls, status),
        None => return failed(talk, calls, 500),
    };
    talk.transfer.as_mut()?.joining = Some(joining);
    None
}

/// The side that is transferred and who was to come speak with each other, or they cannot.
pub(super) async fn joined(talk: &mut Talk, calls: &Arc<Calls>, joined: bool) -> Went {
    let joining = talk
        .transfer
        .as_mut()
        .and_then(|transfer| transfer.joining.take());
    let Some(joining) = joining else {
        return Went::On;
    };
    if !joined {
        // Without the music it is led on all the same.
        let Some(record) = joining.give_up(calls) else {
            return Went::On;
        };
        if let Some(record) = record {
            record.end(488, None).await;
        }
        return failed(talk, calls, 503).map_or(Went::On, Went::Over);
    }
    let side = joining.new;
    let record = match joining.comes {
        Comes::Music(open) => return Went::Waits(Box::new(Music { side, open })),
        Comes::Called(record) => record,
    };
    let Some(Transfer {
        by, lead, notices, ..
    }) = talk.transfer.take()
    else {
        return Went::On;
    };
    let record = connect(talk, by, side, record, calls).await;
    notices.end(200);
    let reason = match lead {
        Some(_) => EndReason::BlindTransferCompleted,
        None => EndReason::ConsultTransferCompleted,
    };
    Went::Another(Box::new(record), reason)
}

/// Nobody took the call: it goes on as it was, unless who transferred has left; then it is over for this reason.
fn failed(talk: &mut Talk, calls: &Calls, status: u16) -> Option<EndReason> {
    let Transfer { by, notices, .. } = talk.transfer.take()?;
    let (asks, other) = talk.seen_from(by);
    if !asks.over {
        notices.end(status);
        return None;
    }
    other
        .party
        .leave(calls, Some(sip::reason(status, "the transfer failed")));
    Some(Talk::reason(by))
}

/// Puts a side into the place of who transferred; gives the record of the call that it is now.
async fn connect(
    talk: &mut Talk,
    by: usize,
    new: Side,
    record: Option<Record>,
    calls: &Arc<Calls>,
) -> Record {
    let kept = Arc::clone(&talk.seen_from(by).1.party);
    let record = if let Some(record) = record {
        record
    } else {
        let domain = talk.record.domain().to_owned();
        let number = new.party.number.clone();
        let mut record = talk.record.another(calls, (&kept.number, &domain), &number);
        record.rerouted(RerouteReason::Transfer);
        record.answered(&number).await;
        record
    };
    if let Some(side) = talk.sides.get_mut(by) {
        *side = new;
    }
    if by == 0 {
        // Who was called calls now.
        talk.sides.swap(0, 1);
    }
    let (caller, answerer) = talk.seen_from(0);
    let (caller, answerer) = (Arc::clone(&caller.party), Arc::clone(&answerer.party));
    talk.seat.becomes(record.id());
    talk.seat.speaks([&caller, &answerer]);
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_may_name_a_call() {
        let target = |text: &str| Target::read(text);
        let plain = |user: &str, host: &str| Target {
            user: user.into(),
            host: host.into(),
            replaces: None,
        };
        assert_eq!(
            target("<sip:1003@one.example>"),
            Some(plain("1003", "one.example"))
        );
        assert_eq!(
            target("\"C\" <sip:1003@One.Example;user=phone>"),
            Some(plain("1003", "one.example"))
        );
        assert_eq!(
            target("tel:+4930123;phone-context=x"),
            Some(plain("+4930123", ""))
        );
        let replaced =
            target("<sip:1003@one.example?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2&x=y>").unwrap();
        let dialog = replaced.replaces.unwrap().dialog();
        assert_eq!(
            (&*dialog.call_id, &*dialog.local_tag, &*dialog.remote_tag),
            ("a@b", "1", "2")
        );
        for bad in [
            "",
            "<http://one.example>",
            "<sip:1003@one.example?Replaces=a>",
            "<sip:1003@one.example?Replaces=a%3Bto-tag%3D1>",
            "<sip:1003@one.example?Replaces=%zz>",
        ] {
            assert_eq!(target(bad), None, "{bad}");
        }
    }
}
