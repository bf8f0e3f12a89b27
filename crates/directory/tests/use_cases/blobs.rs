//! Files: what is in them counts, who has put them there uses them, and what nobody wants goes.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jackfield_directory::{Collected, Incoming, Interrupted};
use jackfield_domain::{
    BlobId, BuiltInRole, Caller, Clock, Error, Field, MediaType, Thing, capability::ManageUsers,
};

use crate::support::{House, house, on_each_engine};

const DAY: Duration = Duration::from_hours(24);

/// A WAVE file that can be played, of about this many bytes.
fn wav(size: usize) -> Bytes {
    let mut file =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data".to_vec();
    file.extend(u32::try_from(size).unwrap().to_le_bytes());
    file.resize(file.len() + size, 0);
    file.into()
}

/// Two frames of sound behind a tag of this many bytes.
fn tagged_mp3(tag: usize) -> Bytes {
    let mut file = b"ID3\x04\0\0".to_vec();
    file.extend([21, 14, 7, 0].map(|shift| u8::try_from(tag >> shift & 127).unwrap()));
    file.resize(10 + tag, b'x');
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    file.extend(frame.repeat(2));
    file.into()
}

/// Comes in pieces, and breaks off.
struct Broken(u8);

#[async_trait::async_trait]
impl Incoming for Broken {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        self.0 = self.0.checked_sub(1).ok_or(Interrupted)?;
        Ok(Some(Bytes::from_static(b"abc")))
    }
}

async fn put(house: &House, caller: &Arc<Caller>, content: Bytes) -> BlobId {
    let member = caller.member().unwrap();
    let mut content = content;
    house
        .directory
        .put_blob(&member, "hello.wav", &mut content)
        .await
        .unwrap()
        .id
}

fn nothing() -> Bytes {
    Bytes::new()
}

#[tokio::test]
async fn what_a_file_is_its_content_says() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let member = ada.member().unwrap();
    for (content, expected) in [
        (wav(100), Some(MediaType::Wav)),
        (wav(200_000), Some(MediaType::Wav)),
        (tagged_mp3(100), Some(MediaType::Mp3)),
        // The sound begins where the first look at the file does not reach, and where it is cut off.
        (tagged_mp3(200_000), Some(MediaType::Mp3)),
        (tagged_mp3((64 << 10) - 20), Some(MediaType::Mp3)),
        (tagged_mp3((64 << 10) - 10), Some(MediaType::Mp3)),
        (Bytes::from_static(b"<svg onload='x()'/>"), None),
    ] {
        let (mut source, size) = (content.clone(), content.len() as u64);
        let blob = house
            .directory
            .put_blob(&member, "x.png", &mut source)
            .await
            .unwrap();
        assert_eq!((blob.media_type, blob.size), (expected, size));
        let open = house.directory.open_blob(blob.key.as_str()).await.unwrap();
        let mut reader = open.read(3..size).await.unwrap();
        let mut read = Vec::new();
        while let Some(bytes) = reader.next().await.unwrap() {
            read.extend_from_slice(&bytes);
        }
        assert_eq!(read, content[3..]);
    }
}

#[tokio::test]
async fn what_does_not_arrive_leaves_nothing() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let member = ada.member().unwrap();
    let before = house.journal(house.tenant).await.len();
    let directory = &house.directory;
    let error = directory
        .put_blob(&member, "x", &mut Broken(3))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("did not arrive whole"), "{error}");
    let error = directory
        .put_blob(&member, "x", &mut nothing())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    let error = directory
        .put_blob(&member, "../x", &mut wav(1))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    let error = directory
        .put_blob(&member, "x", &mut wav(1 << 20))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::TooLarge(limit) if limit == 1 << 20),
        "{error}"
    );
    assert!(house.contents.names().is_empty());
    assert_eq!(house.journal(house.tenant).await.len(), before);
}

#[tokio::test]
async fn pieces_of_two_senders_do_not_mix() {
    on_each_engine(async |house| {
        let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let member = ada.member().unwrap();
        let begun = house.directory.begin_upload(&member, "hello.wav").await.unwrap();
        let id = begun.id.to_string();
        let senders = (b'a'..=b'h').map(|letter| {
            let (directory, member) = (house.directory.clone(), member.clone());
            let (id, token) = (id.clone(), begun.token.clone());
            tokio::spawn(async move {
                let mut piece = Bytes::from(vec![letter; 100]);
                directory
                    .append_upload(&member, &id, Some(&token), &mut piece)
                    .await
            })
        });
        let (mut stored, mut refused) = (0, 0);
        for sender in senders.collect::<Vec<_>>() {
            match sender.await.unwrap() {
                Ok(progress) => {
                    assert_eq!(progress.received, 100);
                    stored += 1;
                }
                Err(Error::Stale(Thing::Upload)) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((stored, refused), (1, 7));
        let status = house.directory.upload_status(&member, &id).await.unwrap();
        let file = house
            .directory
            .complete_upload(&member, &id, Some(&status.token), None, &mut nothing())
            .await;
        assert!(file.is_ok());
        assert_eq!(house.contents.names().len(), 1, "the pieces are gone");
        let kept = house.contents.kept.lock().unwrap();
        let (content, _) = kept.values().next().unwrap();
        assert!(content.len() == 100 && content.iter().all(|letter| *letter == content[0]));
    })
    .await;
}

#[tokio::test]
async fn an_upload_is_its_senders_alone() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let (_, boss) = house.person("boss", "1002", BuiltInRole::Admin).await;
    let member = ada.member().unwrap();
    let one = house.directory.begin_upload(&member, "a").await.unwrap();
    let two = house.directory.begin_upload(&member, "b").await.unwrap();
    let (id, other) = (one.id.to_string(), boss.member().unwrap());
    let stranger = house
        .directory
        .append_upload(&other, &id, Some(&one.token), &mut wav(1))
        .await;
    assert!(matches!(stranger, Err(Error::Absent(Thing::Upload))));
    for token in [Some(two.token.as_str()), Some("0-00"), Some(""), Some("0"), None] {
        let outcome = house
            .directory
            .append_upload(&member, &id, token, &mut wav(1))
            .await;
        let Err(Error::Invalid(found)) = outcome else {
            panic!("{token:?}")
        };
        assert_eq!(found[0].field, Field::UploadToken);
    }
    house.clock.advance(DAY + Duration::from_secs(1));
    let late = house
        .directory
        .append_upload(&member, &id, Some(&one.token), &mut wav(1))
        .await;
    assert!(
        matches!(late, Err(Error::Absent(Thing::Upload))),
        "its time is over"
    );
}

#[tokio::test]
async fn abandoned_uploads_unused_files_and_orphans_go() {
    on_each_engine(async |house| {
        let (id, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
        let (member, owner) = (ada.member().unwrap(), ada.own().unwrap());
        let begun = house.directory.begin_upload(&member, "hello.wav").await.unwrap();
        let (upload, mut piece) = (begun.id.to_string(), wav(100));
        house
            .directory
            .append_upload(&member, &upload, Some(&begun.token), &mut piece)
            .await
            .unwrap();
        let (used, _unused) = (put(&house, &ada, wav(1)).await, put(&house, &ada, wav(2)).await);
        let greeting = house.directory.create_greeting(&owner, used).await.unwrap();
        // What a program leaves behind that was killed between the content and its row, and in the middle of a content.
        let now = house.clock.now().as_micros();
        for name in ["1/aa/orphan", "tmp/1xaaxhalf"] {
            house
                .contents
                .kept
                .lock()
                .unwrap()
                .insert(name.into(), (vec![1], now));
        }
        let collect = async || house.directory.collect_blobs(house.clock.now()).await.unwrap();
        assert_eq!(collect().await, Collected::default(), "nothing is old yet");
        house.clock.advance(DAY + Duration::from_secs(1));
        let first = collect().await;
        assert_eq!((first.uploads, first.blobs, first.contents), (1, 1, 2));
        assert_eq!(house.contents.names().len(), 1, "the greeting is still there");
        assert_eq!(collect().await, Collected::default());

        house.directory.remove_greeting(&owner, greeting).await.unwrap();
        assert_eq!(collect().await, Collected::default(), "it may be wanted again");
        let again = house.directory.create_greeting(&owner, used).await.unwrap();
        house.clock.advance(2 * DAY);
        assert_eq!(collect().await, Collected::default(), "and is");
        assert!(again > greeting);

        house
            .directory
            .destroy_user(&house.program::<ManageUsers>(), id)
            .await
            .unwrap();
        assert_eq!(collect().await, Collected::default());
        house.clock.advance(2 * DAY);
        assert_eq!(collect().await.blobs, 1);
        assert!(house.contents.names().is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_greeting_at_most_is_heard() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let owner = ada.own().unwrap();
    let mut ids = Vec::new();
    for size in 1..=3 {
        let file = put(&house, &ada, wav(size)).await;
        ids.push(house.directory.create_greeting(&owner, file).await.unwrap());
    }
    let heard = async || {
        let all = house.directory.greetings(&owner).await.unwrap();
        assert!(all.iter().all(|seen| seen.key.is_some()));
        let enabled = all.into_iter().filter(|seen| seen.item.value.enabled);
        enabled.map(|seen| seen.item.id).collect::<Vec<_>>()
    };
    assert!(heard().await.is_empty());
    for (id, enabled, expected) in [
        (ids[0], true, vec![ids[0]]),
        (ids[2], true, vec![ids[2]]),
        (ids[1], false, vec![ids[2]]),
        (ids[2], true, vec![ids[2]]),
        (ids[2], false, vec![]),
    ] {
        house
            .directory
            .enable_greeting(&owner, id, enabled)
            .await
            .unwrap();
        assert_eq!(heard().await, expected);
    }
    let unknown = house.directory.enable_greeting(&owner, 7, true).await;
    assert!(matches!(unknown, Err(Error::Absent(Thing::Greeting))));
}

#[tokio::test]
async fn a_file_serves_who_has_put_it_there() {
    let house = house().await;
    let (_, ada) = house.person("ada", "1001", BuiltInRole::StandardUser).await;
    let (ben_id, ben) = house.person("ben", "1002", BuiltInRole::StandardUser).await;
    let (_, boss) = house.person("boss", "1003", BuiltInRole::Admin).await;
    let file = put(&house, &ada, wav(1)).await;
    for owner in [
        ben.own().unwrap(),
        boss.own().unwrap(),
        boss.owner_of(ben_id).unwrap(),
    ] {
        let outcome = house.directory.create_greeting(&owner, file).await;
        let Err(Error::Invalid(found)) = outcome else {
            panic!("another's file")
        };
        assert_eq!(found[0].field, Field::File);
    }
    // An administrator makes one for somebody of his own file, and the file stays when he goes.
    let own = put(&house, &boss, wav(2)).await;
    house
        .directory
        .create_greeting(&boss.owner_of(ben_id).unwrap(), own)
        .await
        .unwrap();
}
