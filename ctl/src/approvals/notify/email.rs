//! Mail: plain text, by SMTP (RFC 5321) with TLS.

use std::fs;

use anyhow::{Context, Result};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor};
use portcullis::policy::approval_service::{Email, MailTls};

use super::text::Message;

pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Mailer {
    pub fn new(settings: &Email) -> Result<Self> {
        let Email { host, port, tls, login, authority, from, to } = settings;
        let parameters = || -> Result<TlsParameters> {
            let mut builder = TlsParameters::builder(host.clone());
            if let Some(file) = authority {
                let pem = fs::read(file).with_context(|| format!("`{file}` cannot be read"))?;
                builder = builder.add_root_certificate(Certificate::from_pem(&pem).with_context(|| format!("`{file}` is no certificate"))?);
            }
            builder.build_rustls().context("TLS for mail cannot be set up")
        };
        // Never `Opportunistic`: whoever is in between would take TLS away.
        let tls = match tls {
            MailTls::Starttls => Tls::Required(parameters()?),
            MailTls::Implicit => Tls::Wrapper(parameters()?),
            MailTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(*port).tls(tls).timeout(Some(super::TIMEOUT));
        if let Some((name, password)) = login {
            builder = builder.credentials(Credentials::new(name.clone(), String::from_utf8_lossy(password.expose()).into_owned()));
        }
        let mailbox = |text: &String| text.parse::<Mailbox>().with_context(|| format!("`{text}` is no e-mail address"));
        Ok(Self { transport: builder.build(), from: mailbox(from)?, to: to.iter().map(mailbox).collect::<Result<Vec<_>>>()? })
    }

    pub async fn send(&self, message: &Message) -> Result<()> {
        let mut mail = Mail::builder().from(self.from.clone()).subject(&message.title).header(ContentType::TEXT_PLAIN);
        // The same message again has the same id, and is one in a mailbox.
        let domain = self.from.email.domain();
        mail = mail.message_id(Some(format!("<{}@{domain}>", message.id)));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        let mut mail = mail.body(message.lines()).context("the mail cannot be written")?;
        // RFC 3834: no answers from people who are away.
        mail.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
        self.transport.send(mail).await.context("the mail server did not take it")?;
        Ok(())
    }
}
