use std::sync::Arc;

use event_catalog::user::UserAvatarUploaded;
use event_catalog::user_profile;
use tidings::{Handled, Reject, State, event_handler};

use crate::ports::{Files, Studio};

/// How wide the small pictures are, in pixels.
pub const WIDTHS: [u32; 3] = [32, 128, 512];

/// Makes small copies of a new picture. What is no picture will never be one.
#[event_handler(user_profile::thumbnails)]
pub async fn shrink(
    avatar: UserAvatarUploaded,
    State(files): State<Arc<dyn Files>>,
    State(studio): State<Arc<dyn Studio>>,
) -> Handled {
    let key = avatar.file_key;
    let file = files.get(&key).await?;
    let file = file.ok_or_else(|| Reject::because("the file is gone"))?;
    for width in WIDTHS {
        let small = studio.shrink(&file, width).await?;
        let small = small.ok_or_else(|| Reject::because("the file is no picture"))?;
        files.put(&format!("{key}-{width}"), small).await?;
    }
    Ok(())
}
