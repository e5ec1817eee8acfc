//! Dead letters: listed, shown, replayed, removed.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::Shared;
use super::problem::Problem;
use super::select::{OF_LIST, OF_REMOVAL, OF_REPLAY, Selection};
use super::view::{LetterView, WholeView};

/// Dead letters of a page, unless another number is asked for, and the most.
const PAGE: u64 = 50;
const LONGEST_PAGE: u64 = 200;
/// Dead letters that are replayed by one request, unless another number is asked for, and the most: a request should end
/// before whoever made it gives up.
const REPLAYED: u64 = 1000;
const MOST_REPLAYED: u64 = 10_000;

type Answer<T = Json<Value>> = Result<T, Problem>;
type Queried = Result<Query<Selection>, QueryRejection>;
type Named = Result<Path<u64>, PathRejection>;

#[derive(Serialize)]
pub(super) struct Replayed {
    replayed: u64,
    left: u64,
    dry_run: bool,
}

pub(super) async fn list(State(shared): State<Arc<Shared>>, query: Queried) -> Answer {
    let selection = queried(query)?;
    selection.only(OF_LIST)?;
    let limit = within("limit", selection.limit.unwrap_or(PAGE), LONGEST_PAGE)?;
    let letters = selection.of(&shared)?.starting_at(selection.cursor.unwrap_or_default());
    let page = letters.page(usize::try_from(limit).unwrap_or(usize::MAX)).await?;
    let items: Vec<LetterView<'_>> =
        page.letters.iter().map(|letter| LetterView::new(shared.catalog, letter)).collect();
    Ok(Json(json!({ "items": items, "next": page.next.map(|next| next.to_string()) })))
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, id: Named) -> Answer {
    let id = named(id)?;
    let letter = shared.letters().show(id).await?.ok_or_else(|| Problem::no_letter(id))?;
    Ok(Json(json!(WholeView::new(shared.catalog, &letter))))
}

pub(super) async fn replay_one(
    State(shared): State<Arc<Shared>>,
    id: Named,
) -> Answer<Json<Replayed>> {
    let id = named(id)?;
    if shared.letters().show(id).await?.is_none() {
        return Err(Problem::no_letter(id));
    }
    let redriven = shared.letters().only(id).redrive().await?;
    tracing::info!(
        id,
        replayed = redriven.count,
        "a dead letter was replayed by the administration"
    );
    match (redriven.count, redriven.left) {
        (0, 0) => Err(Problem::no_letter(id)),
        (0, _) => Err(Problem::new(
            StatusCode::CONFLICT,
            "its payload is gone, so there is nothing to replay; the dead letter is still there",
        )),
        (replayed, left) => Ok(Json(Replayed { replayed, left, dry_run: false })),
    }
}

pub(super) async fn replay(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Selection>, JsonRejection>,
) -> Answer<Json<Replayed>> {
    let Json(selection) = body.map_err(|rejection| Problem::unmeant(rejection.body_text()))?;
    selection.only(OF_REPLAY)?;
    let limit = within("limit", selection.limit.unwrap_or(REPLAYED), MOST_REPLAYED)?;
    let mut redrive = selection.of(&shared)?.redrive().limit(limit);
    if let Some(pace) = selection.per_second {
        let pace = NonZeroU32::new(pace);
        redrive =
            redrive.per_second(pace.ok_or_else(|| Problem::unmeant("`per_second` is at least 1"))?);
    }
    let dry_run = selection.dry_run.unwrap_or_default();
    if dry_run {
        redrive = redrive.dry_run();
    }
    let redriven = redrive.await?;
    let (replayed, left) = (redriven.count, redriven.left);
    if !dry_run {
        tracing::info!(replayed, left, "dead letters were replayed by the administration");
    }
    Ok(Json(Replayed { replayed, left, dry_run }))
}

pub(super) async fn remove_one(State(shared): State<Arc<Shared>>, id: Named) -> Answer {
    let id = named(id)?;
    match shared.letters().only(id).purge().await? {
        0 => Err(Problem::no_letter(id)),
        deleted => {
            tracing::info!(id, "a dead letter was removed by the administration");
            Ok(Json(json!({ "deleted": deleted })))
        }
    }
}

pub(super) async fn remove(State(shared): State<Arc<Shared>>, query: Queried) -> Answer {
    let selection = queried(query)?;
    selection.only(OF_REMOVAL)?;
    if !selection.chooses() && selection.all != Some(true) {
        let words = "say which: `service`, `subscription`, `event_type`, `reason`, `since`, `before`, or `all=true`";
        return Err(Problem::unmeant(words));
    }
    let deleted = selection.of(&shared)?.purge().await?;
    tracing::info!(deleted, "dead letters were removed by the administration");
    Ok(Json(json!({ "deleted": deleted })))
}

fn queried(query: Queried) -> Result<Selection, Problem> {
    let Query(selection) = query.map_err(|rejection| Problem::unmeant(rejection.body_text()))?;
    Ok(selection)
}

fn named(id: Named) -> Result<u64, Problem> {
    let words = "a dead letter's id is a number";
    id.map(|Path(id)| id).map_err(|_| Problem::new(StatusCode::NOT_FOUND, words))
}

fn within(name: &str, given: u64, most: u64) -> Result<u64, Problem> {
    if (1..=most).contains(&given) {
        Ok(given)
    } else {
        Err(Problem::unmeant(format!("`{name}` is from 1 to {most}")))
    }
}
