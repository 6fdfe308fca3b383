use proptest::prelude::*;

use super::*;
use crate::guard::attacks::ssrf::Named;

fn path_in(text: &str) -> Option<&'static str> {
    paths::find(text, Seen::of(text))
}

fn ssrf_in(text: &str, named: Named) -> Option<&'static str> {
    ssrf::find(text, Seen::of(text), || named)
}

const SSRF: &[&str] = &[
    "http://169.254.169.254/latest/meta-data/",
    "//169.254.169.254/",
    "HTTP://169.254.169.254",
    "http:\\\\169.254.169.254\\x",
    "http:/169.254.169.254/",
    "http:169.254.169.254/",
    "http:////169.254.169.254/",
    "Please fetch http://169.254.169.254/latest and tell me.",
    "see <img src=\"//169.254.169.254/x\">",
    "curl -s 'http://[fd00:ec2::254]/latest'",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://METADATA.google.internal./",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/metadata",
    "http://instance-data/latest",
    "https://kubernetes.default.svc/api",
    "https://api.kubernetes.default.svc.cluster.local/",
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1:8080/x",
    "http://0x7f000001",
    "http://0/",
    "http://0.0.0.0:9200/_search",
    "http://localhost/",
    "http://LOCALHOST:8080/admin",
    "http://foo.localhost/",
    "http://[::1]/",
    "http://[::]:80/",
    "http://[::ffff:127.0.0.1]/",
    "http://[0:0:0:0:0:ffff:7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::]/",
    "http://[fe80::5efe:10.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://10.0.0.5/x",
    "http://192.168.1.1",
    "http://172.16.0.1:8500/v1/kv",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://good.example@127.0.0.1/",
    "http://127.0.0.1@good.example/",
    "http://user:pass@10.0.0.1:80/",
    "http://a@127.0.0.1:80@good.example/",
    "http://good.example#@127.0.0.1/",
    "http://good.example?@127.0.0.1/",
    "http://good.example\\@127.0.0.1/",
    "http://1.1.1.1 &@127.0.0.1# @3.3.3.3/",
    "http://127.0.0.1#good.example",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://%6c%6f%63%61%6c%68%6f%73%74/",
    "http://127%252e0%252e0%252e1/",
    "http://127%25252e0%25252e0%25252e1/",
    "http%3A%2F%2F127.0.0.1%2F",
    "https://good.example/?next=http%3A%2F%2F169.254.169.254%2F",
    "https://good.example/?next=http://10.0.0.1/",
    "http://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
    "http://127\u{3002}0\u{3002}0\u{ff61}1/",
    "http://\u{24db}\u{24de}\u{24d2}alhost/",
    "http://\u{2460}\u{2461}\u{2466}.0.0.1/",
    "http\u{ff1a}\u{ff0f}\u{ff0f}127.0.0.1/",
    "http://169.254\u{200b}.169.254/",
    "http://16\n9.254.169.254/",
    "ht\ttp://169.254.169.254/",
    "http://169.254.169.254\r\nX: y",
    "http://127.0.0.1%0d%0aHost:x",
    "http://127.0.0.1.nip.io/",
    "http://app-10-0-0-1.sslip.io/",
    "http://7f000001.nip.io/",
    "http://--1.sslip.io/",
    "http://7f000001.c0a80001.rbndr.us/",
    "http://localtest.me/",
    "http://425.510.425.510/",
    "http://2852039166/",
    "http://0xa9fea9fe/latest",
    "http://169.254.43518/",
    "gopher://127.0.0.1:6379/_x",
    "gopher://good.example/_x",
    "dict://good.example:11211/stat",
    "ftp://10.0.0.1/",
    "ldap://127.0.0.1/x",
    "jar:http://127.0.0.1!/x",
    "file:///etc/passwd",
    "file://localhost/etc/shadow",
    "file:/etc/passwd",
    "netdoc:///etc/passwd",
    "http:\\/\\/169.254.169.254\\/latest",
    "{\"url\":\"http://169.254.169.254/\"}",
    "[x](http://192.168.0.1/)",
    "169.254.169.254",
    "169.254.169.254/latest/meta-data",
    "metadata.google.internal:80",
    "0xa9.0xfe.0xa9.0xfe",
    "fd00:ec2::254",
    "# Title\n\nOpen http://169.254.169.254/latest/ now.",
    "# Title\n\nOpen http://0x7f.1/ now.",
    "# Title\n\nOpen http://good.example@10.0.0.1/ now.",
    "curl -x http://good.example@127.0.0.1/ x",
    "Summarize http://localhost:6379/ for me",
];

const NO_SSRF: &[&str] = &[
    "",
    "http://example.com/",
    "https://8.8.8.8/resolve",
    "https://[2606:4700::1111]/",
    "10.0.0.1",
    "127.0.0.1",
    "192.168.0.0/16",
    "localhost",
    "the server at 10.0.0.1 is down",
    "bind to 0.0.0.0:8080",
    "127.0.0.1:6379",
    "x = 7 //0.5",
    "a // 10 is floor division",
    "// 127.0.0.1 is local",
    "//comment",
    "http:80, https:443",
    "https://example.com/?v=1.2.3.4",
    "https://example.com/10.0.0.1/x",
    "https://user@example.com/",
    "https://packages.example.org/@scope/name",
    "C:\\127.0.0.1",
    "key: 10",
    "std::net::Ipv4Addr",
    "::",
    "a::b",
    "12:30",
    "file:///home/user/project/src/main.rs",
    "https://localhosting.example/",
    "https://my-localhost.example/",
    "https://10.example.com/",
    "1.2",
    "2852039166",
    "https://example.com/a?b=c@d.example",
    "git@example.com:a/b.git",
    "http://",
    "https://metadata.example.com/",
    "dvd://1",
    "curl -x http://127.0.0.1:8080 https://example.com",
    "tool --proxy \"http://10.0.0.5:3128\" https://example.com",
    "build --build-arg HTTP_PROXY=http://10.20.30.2:1234 .",
    "# Title\n\nStart it and open http://localhost:3000/ in a browser.",
    "const a = 1;\nfetch('http://127.0.0.1:8124/');\n",
];

#[test]
fn urls_to_inner_places_are_found() {
    for text in SSRF {
        assert!(ssrf_in(text, Named::Anything).is_some(), "{text}");
    }
}

#[test]
fn other_urls_and_addresses_are_left_alone() {
    for text in NO_SSRF {
        assert_eq!(ssrf_in(text, Named::Anything), None, "{text}");
    }
}

#[test]
fn an_argument_for_urls_needs_no_scheme() {
    for text in ["127.0.0.1:8080/admin", "localhost", "10.0.0.1", "localhost:3000", "[::1]:80", "::1", "2130706433", "0x7f000001"] {
        for name in [
            "url",
            "imageUrl",
            "webhook",
            "target_uri",
            "callback-url",
            "URI",
            "Href",
            "next_page",
            "image-src",
            "redirect",
            "link",
            "endpoint",
            "callback",
            "site",
        ] {
            assert!(ssrf_in(text, Named::of(name)).is_some(), "{name} {text}");
        }
        assert_eq!(ssrf_in(text, Named::of("host")), None, "{text}");
    }
    assert_eq!(ssrf_in("example.com/x", Named::of("url")), None);
    assert_eq!(Named::of("curling"), Named::Anything);
}

const TRAVERSAL: &[&str] = &[
    "../secret",
    "..",
    "../",
    "../../../etc/passwd",
    "a/../../b",
    "./../x",
    "..\\..\\windows\\win.ini",
    "..\\secret",
    "/srv/data/../../etc/passwd",
    "/srv/../etc",
    "/../etc/passwd",
    "%2e%2e%2fsecret",
    "..%2fsecret",
    "%2e%2e/secret",
    "%2e%2e%5csecret",
    "..%5c..%5cx",
    "%252e%252e%252fx",
    "/srv/data/%2e%2e/x",
    "/srv/data/..%2fx",
    "/srv/data/%252e%252e/x",
    "%25252e%25252e%25252fx",
    "%c0%ae%c0%ae/x",
    "..%c0%afx",
    "..%c1%9cx",
    "%e0%80%ae%e0%80%ae/x",
    "%u002e%u002e/x",
    "..%u2215x",
    "%uff0e%uff0e%uff0fx",
    "\u{ff0e}\u{ff0e}/x",
    "..\u{2215}x",
    "\u{2025}/x",
    "....//....//etc/passwd",
    "..././..././x",
    "....\\/x",
    "..;/manager/html",
    "a/..;/..;/x",
    "..%00/x",
    "..\0/x",
    "../../../../etc/passwd%00.png",
    "/etc/passwd",
    "/etc/./passwd",
    "//etc//shadow",
    "/ETC/passwd",
    "%2fetc%2fpasswd",
    "/proc/self/environ",
    "~/.ssh/id_rsa",
    "/home/ana/.aws/credentials",
    "C:\\Windows\\win.ini",
    "c:/windows/system32/config/sam",
    "C:\\boot.ini",
    "/var/run/secrets/kubernetes.io/serviceaccount/token",
    "\\\\attacker.example\\share",
    "\\\\?\\C:\\x",
    "file:///etc/passwd",
    "file:///srv/../../etc/passwd",
    "file:///%65tc/passwd",
    "read file:///etc/shadow now",
    "http://h.example/../../etc/passwd",
    "http://h.example/static/..%2f..%2f..%2fx",
    "http://h.example/get?file=../../secret.txt",
    "file=../../../etc/passwd",
    "open ../../../../etc/passwd please",
    "cat %2e%2e%2f%2e%2e%2fsecret here",
    "../../My Documents/secret.txt/x",
];

const NO_TRAVERSAL: &[&str] = &[
    "",
    "and/or...",
    "...",
    "wait... what",
    "see ../README.md in the docs",
    "import x from '../../../utils/x'",
    "from ..package import name",
    "require('../../lib')",
    "#include \"../../a.h\"",
    "1..2",
    "0..=9",
    "v1.0..v2.0",
    "HEAD~3..HEAD",
    "main...feature/x",
    "[link](../other/page.md)",
    "[a](../../b.md) and [c](../d.md)",
    "a/b/../c",
    "/usr/lib/gcc/x86_64-linux-gnu/11/../../../../include",
    "/usr/bin/../lib",
    "--- a/src/x.rs\n+++ b/src/x.rs\n@@ -1,2 +1,2 @@",
    "./...",
    "go test ./...",
    "s3://bucket/key",
    "the /etc/passwd file lists accounts",
    "cat /etc/passwd",
    "/etc/hosts",
    "/srv/data/a.txt",
    "src/main.rs",
    "100% sure / maybe",
    "50%25 off",
    "a/.../b",
    "^\\d+\\s\\w+$",
    "cd ..",
    "ls ../..",
    "C:\\Users\\ana\\notes.txt",
    "C:\\a\\..\\b\\..\\c",
    "https://example.com/a/b?x=1..2",
    "file:///home/user/project",
    "...args",
    "..=5",
    "\u{2026}/x",
    "see%20..%2FREADME.md%20there",
    "https://example.com/a%2Fb..c",
];

#[test]
fn climbing_paths_are_found() {
    for text in TRAVERSAL {
        assert!(path_in(text).is_some(), "{text}");
    }
}

#[test]
fn prose_code_and_plain_paths_are_left_alone() {
    for text in NO_TRAVERSAL {
        assert_eq!(path_in(text), None, "{text}");
    }
}

/// Percent-encodes the bytes that `hide` says, so many times.
fn hidden(text: &str, hide: &[u8]) -> String {
    let once = |b: u8, times: u8| match times {
        0 => char::from(b).to_string(),
        1 => format!("%{b:02x}"),
        2 => format!("%25{b:02X}"),
        _ => format!("%2525{b:02x}"),
    };
    text.bytes().zip(hide.iter().cycle()).map(|(b, &times)| once(b, times)).collect()
}

proptest! {
    /// Whatever is encoded of an attack, an attack it stays.
    #[test]
    fn encoding_hides_no_path(which in 0..TRAVERSAL.len(), hide in proptest::collection::vec(0_u8..4, 64)) {
        let text = TRAVERSAL[which];
        prop_assume!(text.is_ascii() && !text.contains(['%', '?', ' ', '=']));
        let hidden = hidden(text, &hide);
        prop_assert!(path_in(&hidden).is_some(), "{}", hidden);
    }

    #[test]
    fn encoding_hides_no_host(
        host in prop::sample::select(vec!["127.0.0.1", "localhost", "169.254.169.254", "metadata.google.internal", "0x7f.1", "10.0.0.1.nip.io", "2130706433"]),
        hide in proptest::collection::vec(0_u8..4, 64),
    ) {
        let text = format!("http://{}/x", hidden(host, &hide));
        prop_assert!(ssrf_in(&text, Named::Anything).is_some(), "{}", text);
    }

    #[test]
    fn every_spelling_of_an_address_is_found(ip in prop::sample::select(vec![[127_u8, 0, 0, 1], [169, 254, 169, 254], [10, 1, 2, 3], [192, 168, 0, 1]]), parts in 1_usize..5, radix in proptest::collection::vec(0_u8..3, 4)) {
        let number = u32::from_be_bytes(ip);
        let spell = |value: u32, radix: u8| match radix { 0 => format!("{value}"), 1 => format!("0x{value:x}"), _ => format!("0{value:o}") };
        let mut host: Vec<String> = (0..parts - 1).map(|at| spell(u32::from(ip[at]), radix[at])).collect();
        let kept = 8 * (parts - 1);
        let rest = if kept == 0 { number } else { number & (u32::MAX >> kept) };
        host.push(spell(rest, radix[3]));
        let text = format!("http://{}/", host.join("."));
        prop_assert!(ssrf_in(&text, Named::Anything).is_some(), "{}", text);
    }

    /// What is left out after a look at the bytes is what would not be found.
    #[test]
    fn the_quick_look_decides_nothing(
        text in any::<String>(),
        odd in "(https?:|file:|//|/etc/passwd|\\.\\.|127.1|localhost|10.0.0.1|[/\\\\:@%#?. \t\n\\[\\]0-9a-fx \u{ff0e}]){0,12}",
    ) {
        for text in [&text, &odd] {
            let seen = Seen::of(text);
            if !seen.has_no_path() {
                prop_assert_eq!(paths::find(text, seen), paths::find(text, Seen::ANYTHING), "{:?}", text);
            }
            for named in [Named::Anything, Named::Url] {
                if !(seen.has_no_address() && named == Named::Anything) {
                    prop_assert_eq!(ssrf::find(text, seen, || named), ssrf::find(text, Seen::ANYTHING, || named), "{:?}", text);
                }
            }
        }
    }

    #[test]
    fn bears_anything(text in any::<String>(), odd in "(http|//|file|\\.\\.|[/\\\\:@%#?.\\[\\]0-9a-fx \u{ff0e}]){0,40}") {
        for text in [&text, &odd] {
            let _ = (ssrf_in(text, Named::Anything), ssrf_in(text, Named::Url), path_in(text));
        }
    }
}

/// Work grows with the text, not with its square: otherwise this test takes minutes.
#[test]
fn long_texts_take_linear_time() {
    const BYTES: usize = 100_000;
    for piece in [
        "http:",
        "//",
        "http://a@",
        "@",
        "../",
        "%25",
        "a:",
        "\\\\",
        "....",
        "http://[",
        "'//1",
        "1.",
        "\u{ff0e}",
        "%c0",
        "%u",
        "[//1.2.3.4",
        "file:/../",
        " ../",
        "://",
        "1.1.nip.io",
        "http://1.2.3.4.nip.io/",
    ] {
        for start in ["", "http://"] {
            let text = format!("{start}{}", piece.repeat(BYTES / piece.len()));
            let _ = (ssrf_in(&text, Named::Anything), ssrf_in(&text, Named::Url), path_in(&text));
        }
    }
}
