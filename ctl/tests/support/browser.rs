//! A browser for the approvers' page.

use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};

/// Where the page is, and who logs people in.
pub trait Site {
    fn url(&self) -> &str;
    fn issuer(&self) -> &str;
}

/// A browser without a screen: one cookie jar, no redirects of its own.
pub struct Browser {
    http: Client,
    pub cookies: Vec<(String, String)>,
}

pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Seen {
    pub fn location(&self) -> String {
        self.headers[LOCATION].to_str().unwrap().to_owned()
    }

    pub fn csrf(&self) -> String {
        self.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub fn new() -> Self {
        Self::that_trusts(None)
    }

    /// `ca`: a certificate in PEM.
    pub fn that_trusts(ca: Option<&str>) -> Self {
        let http = Client::builder().redirect(Policy::none());
        let http = match ca {
            Some(ca) => http.tls_certs_only([reqwest::Certificate::from_pem(ca.as_bytes()).unwrap()]),
            None => http,
        };
        Self { http: http.build().unwrap(), cookies: Vec::new() }
    }

    pub async fn send(&mut self, method: Method, url: &str, form: Option<&[(&str, &str)]>, headers: &[(&str, &str)]) -> Seen {
        let mut request = self.http.request(method, url);
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        if let Some(form) = form {
            let body = Url::parse_with_params("http://x", form).unwrap().query().unwrap_or_default().to_owned();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !rest.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Seen { status, headers, text: response.text().await.unwrap() }
    }

    pub async fn get(&mut self, url: &str) -> Seen {
        self.send(Method::GET, url, None, &[]).await
    }

    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Seen {
        self.send(Method::POST, url, Some(form), &[]).await
    }

    /// From a page one wants to see to the answer that brings one back; the callback's address, not yet followed.
    pub async fn until_callback(&mut self, site: &impl Site, path: &str, user: &str, groups: &str) -> String {
        let asked = self.get(&format!("{}{path}", site.url())).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        let begun = self.get(&format!("{}{}", site.url(), asked.location())).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let at_issuer = begun.location();
        assert!(at_issuer.starts_with(&format!("{}/authorize?", site.issuer())), "{at_issuer}");
        let chosen = self.post(&at_issuer, &[("user", user), ("groups", groups)]).await;
        assert_eq!(chosen.status, 302, "{}", chosen.text);
        chosen.location()
    }

    pub async fn log_in(site: &impl Site, path: &str, user: &str, groups: &str) -> (Self, Seen) {
        let mut browser = Self::new();
        let callback = browser.until_callback(site, path, user, groups).await;
        let back = browser.get(&callback).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let page = browser.get(&format!("{}{}", site.url(), back.location())).await;
        (browser, page)
    }
}
