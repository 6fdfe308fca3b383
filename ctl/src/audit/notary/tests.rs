//! The notary over HTTP: what it keeps, what it refuses, and that a log is held against it.

use std::path::Path;

use super::*;
use crate::audit::verify::tests::writer::{Writer, signer};
use crate::demo::client;
use crate::tls::LocalAuthority;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("audit.pub"), signer().pk.to_pem()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn args(&self) -> Args {
        let listen = "127.0.0.1:0".parse().unwrap();
        Args { listen, file: self.path("kept"), public_key: vec![self.path("audit.pub")], tls_cert: None, tls_key: None }
    }

    async fn start(&self) -> Notary {
        Notary::start(self.args()).await.unwrap()
    }

    fn rows(&self) -> usize {
        std::fs::read_to_string(self.path("kept")).unwrap().lines().count()
    }
}

async fn post(notary: &Notary, jws: &str) -> u16 {
    let client = client::http(None).unwrap();
    let request = client.post(format!("{}/checkpoints", notary.url)).header("content-type", "application/jose").body(jws.to_owned());
    request.send().await.unwrap().status().as_u16()
}

fn sound(path: &Path) -> bool {
    let mut wrong = 0;
    file::read(std::fs::File::open(path).unwrap(), |_, found| wrong += usize::from(found.is_err())).unwrap();
    wrong == 0
}

#[tokio::test]
async fn checkpoints_are_kept_once_in_order_and_across_a_restart() {
    let place = Place::new();
    let mut writer = Writer::new("aa", None);
    let notary = place.start().await;
    let first = writer.sign();
    writer.several(3);
    let second = writer.sign();
    assert_eq!((post(&notary, &first).await, post(&notary, &second).await, post(&notary, &second).await), (201, 201, 200));
    assert_eq!(place.rows(), 2);
    drop(notary);
    // The lock goes with the last task that holds the file.
    let notary = loop {
        match Notary::start(place.args()).await {
            Ok(notary) => break notary,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    };
    assert_eq!(notary.chains, 1);
    writer.several(2);
    let third = writer.sign();
    assert_eq!((post(&notary, &second).await, post(&notary, &third).await), (200, 201));
    assert!(sound(&place.path("kept")) && place.rows() == 3);
    // A second one must not append to the same file.
    assert!(Notary::start(place.args()).await.is_err());
}

#[tokio::test]
async fn what_is_not_signed_goes_back_or_is_no_checkpoint_is_not_kept() {
    let place = Place::new();
    let notary = place.start().await;
    let mut writer = Writer::new("aa", None);
    writer.several(5);
    assert_eq!(post(&notary, &writer.sign()).await, 201);
    // The same chain once more from its beginning, with the right key: somebody rolled a machine back.
    let mut again = Writer::new("aa", None);
    again.now += 1;
    again.several(3);
    again.sign();
    let back = again.sign();
    let mut stranger = Writer::new("bb", None);
    stranger.signer = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([1; 32]));
    assert_eq!(post(&notary, &back).await, 409);
    assert_eq!(post(&notary, &stranger.sign()).await, 403);
    assert_eq!(post(&notary, "a.b.c").await, 403);
    assert_eq!(post(&notary, &"x".repeat(LONGEST + 1)).await, 413);
    let client = client::http(None).unwrap();
    assert_eq!(client.post(&notary.url).body(writer.sign()).send().await.unwrap().status(), 415);
    assert_eq!(client.get(format!("{}/checkpoints", notary.url)).send().await.unwrap().status(), 405);
    assert_eq!(client.get(format!("{}/health", notary.url)).send().await.unwrap().status(), 200);
    assert_eq!(place.rows(), 1);
}

#[tokio::test]
async fn a_file_that_was_changed_is_not_appended_to_and_a_torn_line_goes() {
    let place = Place::new();
    let mut writer = Writer::new("aa", None);
    let notary = place.start().await;
    for _ in 0..3 {
        writer.several(2);
        post(&notary, &writer.sign()).await;
    }
    drop(notary);
    let kept = std::fs::read_to_string(place.path("kept")).unwrap();
    let open = |text: &str| {
        std::fs::write(place.path("other"), text).unwrap();
        Book::open(&place.path("other"), |_| {}).map(|_| std::fs::read_to_string(place.path("other")).unwrap())
    };
    let torn = kept.get(..kept.len() - 30).unwrap();
    let whole: String = kept.split_inclusive('\n').take(2).collect();
    assert_eq!(open(torn).unwrap(), whole);
    let removed: String = kept.split_inclusive('\n').skip(1).collect();
    assert!(matches!(open(&removed), Err(OpenError::Broken(_, 1, _))));
    assert!(matches!(open(&kept.replacen("\"at\":1", "\"at\":9", 1)), Err(OpenError::Broken(_, 1, _))));
    // Torn and changed: not to be mended.
    assert!(open(removed.get(..removed.len() - 30).unwrap()).is_err());
}

#[tokio::test]
async fn over_tls_with_a_certificate_of_ones_own() {
    let place = Place::new();
    let authority = LocalAuthority::open(&place.path("tls")).unwrap();
    let leaf = authority.leaf(&["127.0.0.1".to_owned()], &place.path("tls")).unwrap();
    let args = Args { tls_cert: Some(leaf.chain), tls_key: Some(leaf.key), ..place.args() };
    let notary = Notary::start(args).await.unwrap();
    assert!(notary.url.starts_with("https://"));
    let trusted = std::fs::read_to_string(authority.certificate()).unwrap();
    let client = client::http(Some(&trusted)).unwrap();
    let mut writer = Writer::new("aa", None);
    let request = client.post(&notary.url).header("content-type", "application/jose").body(writer.sign());
    assert_eq!(request.send().await.unwrap().status(), 201);
}
