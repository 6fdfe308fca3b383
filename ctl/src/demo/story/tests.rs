use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::*;

/// No gateway at all: the clients talk to the server itself.
struct Nothing {
    url: String,
    ca: PathBuf,
}

impl Gateway for Nothing {
    fn url(&self) -> &str {
        &self.url
    }

    fn ca_path(&self) -> &Path {
        &self.ca
    }

    async fn replace_policy(&mut self, _: &str) -> Result<()> {
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_does_not_believe_itself() {
    let page = Page::default();
    let screen = Screen::new(Box::new(page.clone()), false);
    let ending = tell(screen, Manner::default(), async |options: Options| Ok(Nothing { url: options.upstream, ca: options.upstream_ca }))
        .await
        .unwrap();
    let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
    let unkept = ending.unkept.join("\n");
    // The server itself answers 401 to strangers, but without a challenge, and it sees what should not reach it.
    assert!(unkept.contains("refused with 401 and a challenge"), "{text}");
    assert!(unkept.contains("the server has seen nothing at all"), "{text}");
    assert!(unkept.contains("told to upgrade: 426"), "{text}");
    assert!(unkept.contains("the story can go on"), "{text}");
    assert!(text.contains("This did not happen as told:"), "{text}");
}

#[tokio::test]
async fn a_gateway_that_does_not_start_is_an_error_not_an_ending() {
    let screen = Screen::new(Box::new(std::io::sink()), false);
    let ended = tell(screen, Manner::default(), async |_: Options| Err::<Nothing, _>(anyhow::anyhow!("no Envoy here"))).await;
    assert!(ended.unwrap_err().to_string().contains("no Envoy here"));
}
