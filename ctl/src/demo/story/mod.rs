//! The story: what Portcullis does, told by doing it, with every claim checked.

mod asked;
mod cast;
mod change;
mod inside;
mod keep;
mod outside;
mod proof;
mod revoked;
mod screen;
mod stage;
#[cfg(test)]
mod tests;

use std::time::Instant;

use anyhow::Result;

use super::gateway_seam::{Gateway, Options};
pub use screen::Screen;
use stage::Stage;

/// How the story is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Everything stays up at the end.
    pub keep: bool,
    /// Somebody is there to decide on the page.
    pub by_hand: bool,
}

/// How the story ended.
#[derive(Debug)]
pub struct Ending {
    /// Claims that did not hold, each with its act; empty when all went as told.
    pub unkept: Vec<String>,
    /// Somebody pressed Ctrl-C before the end.
    pub interrupted: bool,
}

/// Sets everything up, tells the story, and takes everything down again. `open` starts the gateway.
///
/// An error means that the stage could not be set; whatever goes wrong on it is in the [`Ending`].
pub async fn tell<G, F>(screen: Screen, manner: Manner, open: impl FnOnce(Options) -> F) -> Result<Ending>
where
    G: Gateway,
    F: Future<Output = Result<G>>,
{
    // Whatever is under way is dropped on Ctrl-C, and with it all that was started: nothing is left running.
    let interrupted = Ending { unkept: Vec::new(), interrupted: true };
    let mut stage = tokio::select! {
        stage = Stage::set(screen, open) => stage?,
        () = interruption() => return Ok(interrupted),
    };
    // The time to build or fetch something the first time is not the story's.
    let begin = Instant::now();
    let told = tokio::select! {
        told = acts(&mut stage, manner.by_hand) => told,
        () = interruption() => return Ok(interrupted),
    };
    if let Err(err) = told {
        stage.screen.claim(false, &format!("the story can go on ({err:#})"));
    }
    let unkept = stage.screen.unkept().to_vec();
    stage.screen.plain("");
    match unkept.as_slice() {
        [] => stage.screen.plain(&format!("All of it happened as told, in {:.0} s.", begin.elapsed().as_secs_f32())),
        unkept => {
            stage.screen.plain("This did not happen as told:");
            for claim in unkept {
                stage.screen.plain(&format!("   {claim}"));
            }
        }
    }
    if manner.keep {
        tokio::select! {
            result = keep::running(&mut stage) => result?,
            () = interruption() => {}
        }
    }
    Ok(Ending { unkept, interrupted: false })
}

/// Ctrl-C, or SIGTERM as a supervisor sends it.
async fn interruption() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn acts<G: Gateway>(stage: &mut Stage<G>, by_hand: bool) -> Result<()> {
    outside::without_a_token(stage).await?;
    outside::with_a_wrong_token(stage).await?;
    outside::in_plaintext(stage).await?;
    let ada = inside::ada_connects(stage).await?;
    inside::a_customer(stage, &ada).await?;
    inside::files(stage, &ada).await?;
    inside::sql_refused(stage, &ada).await?;
    inside::sql_allowed(stage).await?;
    asked::before_a_write(stage, by_hand).await?;
    change::observed(stage, &ada).await?;
    change::enforced(stage, &ada).await?;
    revoked::mid_stream(stage).await?;
    stage.records.mark();
    ada.close().await;
    proof::authorization(stage);
    proof::records(stage).await;
    Ok(())
}
