//! What a media engine is told of a call that is handed to it.

use jackfield_domain::{
    BlobKey, CallQueueSettings, Greeting, Owned, Page, Result, TeamSettings, TenantId, route::MediaService,
};
use jackfield_store::{Shelf, TeamRecord};

use crate::{Directory, document::settings_of, owned::read};

const ALL: Page = Page {
    skip: 0,
    take: Greeting::MOST,
};

/// What is known of what a media engine is to do. Empty text means that nothing was set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaBriefing {
    /// The SIP domain of the tenant.
    pub domain: String,
    /// The language of what callers are told, a BCP 47 tag.
    pub language: String,
    /// The file of the greeting that callers of a voicemail box hear.
    pub greeting: Option<BlobKey>,
}

impl Directory {
    /// What a media engine has to know for a service of a tenant. What is gone meanwhile is left out: the engine does without.
    ///
    /// # Errors
    /// [`Unavailable`](jackfield_domain::Error::Unavailable), [`Internal`](jackfield_domain::Error::Internal).
    pub async fn media_briefing(&self, tenant: TenantId, service: &MediaService) -> Result<MediaBriefing> {
        let mut briefing = MediaBriefing {
            domain: self.known_tenant(tenant).await?.domain.clone(),
            ..MediaBriefing::default()
        };
        match service {
            MediaService::Voicemail(number) | MediaService::Mailbox(number) => {
                let Some(user) = self.store().user_by_extension(tenant, number).await? else {
                    return Ok(briefing);
                };
                briefing.language = settings_of(&user)?.voicemail_prompt;
                let place = Shelf {
                    tenant,
                    owner: Some(user.id),
                    collection: Greeting::COLLECTION,
                };
                for record in &self.store().list_owned(place, ALL).await?.items {
                    let greeting = read::<Greeting>(record)?.value;
                    if greeting.enabled {
                        let blobs = self.store().blobs_among(tenant, &[greeting.file.get()]).await?;
                        briefing.greeting = blobs.into_iter().next().map(|blob| blob.key);
                    }
                }
            }
            MediaService::Queue { number, .. } => {
                let record = self.store().team_numbered(tenant, number).await?;
                let queue = record.filter(|record| record.key.kind == CallQueueSettings::KIND);
                if let Some(queue) = queue {
                    briefing.language = TeamRecord::team::<CallQueueSettings>(queue)?.settings.language;
                }
            }
            MediaService::Meeting(_) | MediaService::Announcement(_) => {}
        }
        Ok(briefing)
    }
}
