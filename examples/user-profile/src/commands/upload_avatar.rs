use event_catalog::user::{UserAvatarUploaded, UserAvatarUploadedContentType};
use tidings::{Event as _, Uuid};

use super::{CommandError, Commands};

/// A member uploads a picture of themself.
pub struct UploadAvatar {
    /// The file.
    pub file: Vec<u8>,
    /// What it is said to be.
    pub content_type: UserAvatarUploadedContentType,
}

impl Commands {
    /// Keeps a member's new picture.
    ///
    /// # Errors
    /// There is no such member, the file is empty or larger than the catalog's schema says, or it could not be kept.
    pub async fn upload_avatar(
        &self,
        user_id: Uuid,
        upload: UploadAvatar,
    ) -> Result<(), CommandError> {
        let UploadAvatar { file, content_type } = upload;
        let uploaded = self.members.change(user_id, |member| {
            member.pictures += 1;
            let file_key = format!("avatars/{}", Uuid::now_v7());
            let uploaded = UserAvatarUploaded {
                user_id,
                avatar_url: format!("https://cdn.example.com/{file_key}"),
                file_key,
                content_type,
                size_bytes: file.len() as u64,
                revision: member.pictures,
            };
            uploaded.validate()?;
            Ok(uploaded)
        })?;
        self.files.put(&uploaded.file_key, file).await?;
        self.announce(uploaded);
        Ok(())
    }
}
