//! Files, uploads, and what refers to them.

use std::sync::Arc;

use jackfield_domain::{Blob, BlobId, BlobKey, Entropy, Kind, MediaType, TenantId, Upload, UploadId, UserId};

use super::samples::{at, change, insert, make_tenant, user};
use crate::{BlobUse, Piece, Store, StoredBlob};

/// Keys that differ by a number.
struct Numbered(u8);

impl Entropy for Numbered {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn file(tenant: TenantId, id: i64, content: &str) -> StoredBlob {
    StoredBlob {
        blob: Blob {
            tenant,
            id: BlobId::new(id),
            key: BlobKey::generate(&Numbered(u8::try_from(id).unwrap())),
            owner: Some(UserId::new(1)),
            name: "Grüße.wav".into(),
            size: 5_000_000_000,
            digest: [0xfe; 32],
            media_type: Some(MediaType::Wav),
            created_at: at(10),
        },
        content: content.into(),
    }
}

fn upload(tenant: TenantId, number: u8, end: i64) -> Upload {
    Upload {
        tenant,
        id: UploadId::generate(&Numbered(number)),
        uploader: UserId::new(1),
        name: "Grüße.wav".into(),
        received: 0,
        expires_at: at(end),
    }
}

fn greeting_of(user: UserId, record: i64) -> BlobUse {
    BlobUse {
        kind: Kind::Greeting,
        record,
        owner: Some(user),
    }
}

/// Every value is kept; a key finds its file whatever the tenant, an id only in its own.
pub async fn a_file_comes_back(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let one = file(tenant, 1, "1/aa/1");
    let mut two = file(other, 2, "2/aa/2");
    (two.blob.owner, two.blob.media_type) = (None, None);
    change(store, tenant, async |tx| tx.insert_blob(&one).await.unwrap()).await;
    change(store, other, async |tx| tx.insert_blob(&two).await.unwrap()).await;
    for file in [&one, &two] {
        assert_eq!(
            store.blob_by_key(&file.blob.key).await.unwrap().as_ref(),
            Some(file)
        );
    }
    assert_eq!(store.blob(tenant, one.blob.id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.blob(other, one.blob.id).await.unwrap(), None);
    assert_eq!(store.blobs_among(tenant, &[2, 1, 9]).await.unwrap(), [one.blob]);
    let names = ["1/aa/1", "1/aa/9", "2/aa/2"].map(str::to_owned);
    let mut known = store.contents_among(&names).await.unwrap();
    known.sort();
    assert_eq!(known, ["1/aa/1", "2/aa/2"]);
    let unknown = BlobKey::generate(&Numbered(77));
    assert_eq!(store.blob_by_key(&unknown).await.unwrap(), None);
}

/// A file that something refers to is not idle and cannot be removed; it is idle from its last release on.
pub async fn a_file_in_use_stays(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ada = user(tenant, 1, "ada");
    let (id, content) = (BlobId::new(1), file(tenant, 1, "1/aa/1"));
    let idle = async |moment| store.idle_blobs(at(moment), 9).await.unwrap();
    change(store, tenant, async |tx| {
        insert(tx, &ada).await;
        tx.insert_blob(&content).await.unwrap();
    })
    .await;
    assert_eq!(idle(10).await, []);
    assert_eq!(idle(11).await, [(tenant, id)]);
    change(store, tenant, async |tx| {
        for record in [5, 6, 6] {
            tx.use_blob(tenant, id, greeting_of(ada.id, record))
                .await
                .unwrap();
        }
        assert!(!tx.delete_idle_blob(tenant, id).await.unwrap());
        tx.release_blobs(tenant, Kind::Greeting, 5, at(20)).await.unwrap();
        tx.release_blobs(tenant, Kind::Recording, 6, at(20))
            .await
            .unwrap();
    })
    .await;
    assert_eq!(idle(100).await, [], "another greeting has it");
    change(store, tenant, async |tx| {
        assert!(!tx.delete_idle_blob(tenant, id).await.unwrap());
        tx.release_blobs_of_user(tenant, ada.id, at(30)).await.unwrap();
        tx.release_blobs_of_user(tenant, UserId::new(2), at(90))
            .await
            .unwrap();
    })
    .await;
    assert_eq!(idle(30).await, []);
    assert_eq!(idle(31).await, [(tenant, id)]);
    change(store, tenant, async |tx| {
        assert!(tx.delete_idle_blob(tenant, id).await.unwrap());
        assert!(!tx.delete_idle_blob(tenant, id).await.unwrap());
    })
    .await;
    assert_eq!(store.blob(tenant, id).await.unwrap(), None);
}

/// A use ends with its user at the latest.
pub async fn uses_go_with_their_user(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let ada = user(tenant, 1, "ada");
    change(store, tenant, async |tx| {
        insert(tx, &ada).await;
        tx.insert_blob(&file(tenant, 1, "1/aa/1")).await.unwrap();
        tx.use_blob(tenant, BlobId::new(1), greeting_of(ada.id, 5))
            .await
            .unwrap();
        tx.delete_user(tenant, ada.id).await.unwrap();
        assert!(tx.delete_idle_blob(tenant, BlobId::new(1)).await.unwrap());
    })
    .await;
}

/// An upload grows by its pieces, and both go together.
pub async fn an_upload_comes_back_with_its_pieces(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let other = make_tenant(store, "two.example").await;
    let mut sent = upload(tenant, 1, 100);
    change(store, tenant, async |tx| {
        tx.insert_upload(&sent).await.unwrap();
        tx.insert_upload(&upload(tenant, 2, 50)).await.unwrap();
    })
    .await;
    let pieces = [(0, 10), (10, 5)].map(|(start, size)| Piece {
        start,
        size,
        content: format!("1/aa/{start}"),
    });
    for piece in &pieces {
        (sent.received, sent.expires_at) = (piece.start + piece.size, at(200));
        change(store, tenant, async |tx| {
            tx.insert_piece(&sent, piece).await.unwrap();
        })
        .await;
    }
    assert_eq!(store.upload(tenant, sent.id).await.unwrap(), Some(sent.clone()));
    assert_eq!(store.upload(other, sent.id).await.unwrap(), None);
    assert_eq!(store.pieces(tenant, sent.id).await.unwrap(), pieces);
    assert_eq!(store.count_uploads(tenant, sent.uploader).await.unwrap(), 2);
    assert_eq!(store.count_uploads(tenant, UserId::new(2)).await.unwrap(), 0);
    let known = store
        .contents_among(&["1/aa/0".into(), "1/aa/1".into()])
        .await
        .unwrap();
    assert_eq!(known, ["1/aa/0"]);
    let short = upload(tenant, 2, 50).id;
    assert_eq!(store.expired_uploads(at(50), 9).await.unwrap(), []);
    assert_eq!(store.expired_uploads(at(51), 9).await.unwrap(), [(tenant, short)]);
    assert_eq!(
        store.expired_uploads(at(201), 1).await.unwrap(),
        [(tenant, short)]
    );
    change(store, tenant, async |tx| {
        assert!(tx.delete_upload(tenant, sent.id).await.unwrap());
        assert!(!tx.delete_upload(tenant, sent.id).await.unwrap());
    })
    .await;
    assert_eq!(store.pieces(tenant, sent.id).await.unwrap(), []);
}

/// Two pieces cannot have the same place.
pub async fn a_place_in_an_upload_is_taken_once(store: Arc<dyn Store>) {
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    let mut sent = upload(tenant, 1, 100);
    let piece = Piece {
        start: 0,
        size: 10,
        content: "1/aa/0".into(),
    };
    change(store, tenant, async |tx| {
        tx.insert_upload(&sent).await.unwrap();
        sent.received = 10;
        tx.insert_piece(&sent, &piece).await.unwrap();
    })
    .await;
    let mut tx = store.begin(tenant).await.unwrap();
    assert!(tx.insert_piece(&sent, &piece).await.is_err());
}
