use super::super::tests::{all, under};
use super::*;

fn key() -> String {
    ["9f2c41d8e07b", "4a5f8c3d2e1b6a7f"].concat()
}

#[test]
fn finds_every_way_of_assigning() {
    let key = key();
    for text in [
        format!("API_KEY={key}"),
        format!("export API_KEY=\"{key}\""),
        format!("api_key: {key}"),
        format!("apiKey: '{key}',"),
        format!("\"client_secret\": \"{key}\""),
        format!("\\\"client_secret\\\": \\\"{key}\\\""),
        format!("client_secret => '{key}'"),
        format!("token := \"{key}\""),
        format!("<token>{key}</token>"),
        format!("<token>\n    {key}\n</token>"),
        format!("var token string = \"{key}\""),
        format!("<add key=\"ApiKey\" value=\"{key}\" />"),
        format!("--api-key {key} run"),
        format!("--token={key}"),
        format!("?access_token={key}&x=1"),
        format!("headers.set(\"X-Api-Key\", \"{key}\")"),
        format!("setToken(\"{key}\")"),
        format!("token        = \"{key}\""),
        format!("secret={key},other=1"),
        format!("'oauth_token={key}&oauth_realm=x'"),
        format!("auth_token={key}."),
        format!("- name: API_TOKEN\n  value: {key}\n"),
        format!("{{\"name\":\"API_TOKEN\",\"value\":\"{key}\"}}"),
        format!("the api key is {key}"),
        format!("secret_key_base: {key}"),
        format!("ENV API_TOKEN {key}"),
        format!("I used the private key `{key}` and"),
        format!("The Rails master key for staging is {key} - please"),
        format!(" key | value\n-----+------\n API_TOKEN | {key}\n(1 row)"),
        format!("setting,value\napi_token,{key}"),
        format!("variable \"api_token\" {{\n  type    = string\n  default = \"{key}\"\n}}"),
        format!("<th scope=\"row\">API key</th><td class=\"cell\">{key}</td>"),
        format!("heroku.api.key={key}"),
        format!("la clé API_TOKEN est : {key}\nMerci"),
        format!("el valor de API_TOKEN es: {key}"),
        format!("AZURE_DEVOPS_PAT={key}"),
        format!("--from-literal=PAGERDUTY_TOKEN={key}"),
        format!("{{\"auth\": \"{key}\"}}"),
        format!("use token {key} to log in"),
        format!("the key is {key}, good"),
        format!("the HMAC key {key}"),
        format!("FASTLY_KEY={key} HOME=/root"),
        format!("Incorrect API key provided: {key}. Find"),
        format!("La clé d'API du service météo est {key} ."),
        format!("Der API-Schlüssel für den Kartendienst lautet {key}."),
        format!("la clave de API es {key}"),
        format!("a chave de API do servidor é {key}"),
        format!("let token: &'static str = \"{key}\";"),
        format!("API_KEY <- \"{key}\""),
        format!("const key = process.env.API_KEY || '{key}'"),
        format!("apiKey: process.env.PARTNER ?? \"{key}\","),
        format!("dotnet user-secrets set \"ApiKey\" \"{key}\""),
        format!("Token (production): {key}"),
        format!("Unseal Key 2: {key}"),
        format!("GET https://api.example.com/v1/current?q=Bern&appid={key}&units=metric"),
        format!("https://api.example.com/v1?key={key}"),
        format!("La clé API est {key}"),
        format!("clé API : {key}"),
        format!("clave secreta: {key}"),
        format!("le jeton : {key}"),
        format!("this key: {key}"),
        format!("error: invalid token \"{key}\""),
        format!("X-Api-Key header set to {key}"),
        format!("set -gx API_TOKEN {key}"),
        format!("the pre-shared key: {key}"),
        format!("server_key={key}"),
        format!("Bitte diesen API-Schlüssel verwenden: {key}"),
        format!("please use API key: {key}"),
        format!("la clé d'API à utiliser : {key}"),
        format!("la clave API a usar: {key}"),
        format!("| API secret | {key} |"),
        format!("Onboarding:\n|| API secret || {key} ||\n"),
        format!("|| Staging API token || {key}"),
        format!("| **API key** | `{key}` |"),
        format!("{{\"page\":\"| API secret | {key} |\"}}"),
    ] {
        assert_eq!(all(assigned, &text), [key.as_str()], "{text}");
    }
    for (text, secret) in [
        ("password: hunter2", "hunter2"),
        ("DB_PASS=s3cr3t!x", "s3cr3t!x"),
        ("CREATE USER jo PASSWORD 'Xy7!pw'", "Xy7!pw"),
        ("the password is hunter2.", "hunter2"),
        ("{\"user\":\"jo\",\"pass\":\"Winter2024!\"}", "Winter2024!"),
        ("mysql --password=tiger99 -u scott", "tiger99"),
        ("<password>Xy7pwq</password>", "Xy7pwq"),
        ("password = \"correct-horse-orbit-staple\"", "correct-horse-orbit-staple"),
        ("Kennwort: T0pS3cret21#\nBitte", "T0pS3cret21#"),
        ("das Passwort für den VPN-Zugang lautet P@ssw0rd11#. Gruß", "P@ssw0rd11#"),
        ("le mot de passe du compte app est falcon568efh. Merci", "falcon568efh"),
        ("mot de passe : nuv#15IWW3h", "nuv#15IWW3h"),
        ("la contraseña del servidor es Rocket2019!. Gracias", "Rocket2019!"),
        ("machine api.example.com\n  login mkeller\n  password Debate-site139", "Debate-site139"),
        ("hasło: Zima2023!x", "Zima2023!x"),
        ("пароль: Leto2023!x", "Leto2023!x"),
        ("登录密码: Xiatian2023", "Xiatian2023"),
        ("lösenord: Sommar2023!", "Sommar2023!"),
        ("wifi password is sunny-Garden-1987", "sunny-Garden-1987"),
        ("passcode: Zx81-9931", "Zx81-9931"),
        ("Clave de acceso al portal: Madrid2024", "Madrid2024"),
        ("le mot de passe du serveur : Falcon5689", "Falcon5689"),
        ("passphrase for the deploy key: Personal!6227", "Personal!6227"),
        ("La password provvisoria è Bonjour2024? , va cambiata", "Bonjour2024?"),
        ("the password is Arnold_1977! - please", "Arnold_1977!"),
        ("FTP_PASSWORD=letmein\nFTP_USER=print", "letmein"),
        ("machine api.example.com login ci password piOCzYKNhHi3WWV5e", "piOCzYKNhHi3WWV5e"),
        ("keytool -storepass orange330ptl -keystore x", "orange330ptl"),
        ("<input type=\"password\" name=\"pw\" value=\"S3cur3548\">", "S3cur3548"),
        ("  psk=\"falcon332$ong\"", "falcon332$ong"),
        ("master password -> tdAgSVLdqhf7", "tdAgSVLdqhf7"),
        ("password = IBuXlAuYtv05pp", "IBuXlAuYtv05pp"),
        ("username noc privilege 15 password 0 p4ssw0rd3606", "p4ssw0rd3606"),
        ("  password: QnVkYXBlc3QxOTk1Pw==", "QnVkYXBlc3QxOTk1Pw=="),
        ("the wifi password is tractor-saturn-harbor-68 - please", "tractor-saturn-harbor-68"),
        ("password: granite-comet-pickle-quartz71", "granite-comet-pickle-quartz71"),
        ("X-Api-Key: otter-lantern-violin-quartz30", "otter-lantern-violin-quartz30"),
        ("{\"apiKey\":\"Welcome2023!\"}", "Welcome2023!"),
        ("storePassword \"Xy7!pw\"", "Xy7!pw"),
        ("setx DB_PASSWORD \"Xy7!pw\"", "Xy7!pw"),
        ("  bindpw silver_rocket88\n", "silver_rocket88"),
        ("\tauth_pass Falcon12!", "Falcon12!"),
        ("use password Falcon12! to log in", "Falcon12!"),
        ("login guest7, passphrase lantern-pickle-saffron-quartz99.", "lantern-pickle-saffron-quartz99"),
        ("reset his temporary password to fwzv4ga7vk1w66mh and", "fwzv4ga7vk1w66mh"),
        ("I changed the root password to Falcon12!.", "Falcon12!"),
        ("the default password (Falcon12!) works", "Falcon12!"),
        ("root pass on backup-02 = Falcon12 (same as before)", "Falcon12"),
        ("The password you need is Falcon12!", "Falcon12!"),
        ("mdp : Falcon12!", "Falcon12!"),
        ("clave: Falcon12!", "Falcon12!"),
        ("INSERT INTO users (id, name, password) VALUES (1, 'jo', 'Thunder2021x');", "Thunder2021x"),
        ("insert into `users` (`password`, `role`)\nvalues ('Thunder2021x', 'admin')", "Thunder2021x"),
        ("ADMIN_PASSWORD='ofxoIChMOlrld'", "ofxoIChMOlrld"),
        ("helm upgrade api ./chart --set postgresql.auth.password=BT98AKAmbyaYN --wait", "BT98AKAmbyaYN"),
        ("kubectl create secret generic x --from-literal=password=BT98AKAmbyaYN", "BT98AKAmbyaYN"),
        ("java -Dspring.datasource.password=BT98AKAmbyaYN -jar x.jar", "BT98AKAmbyaYN"),
        ("docker run -e DB_PASSWORD=BT98AKAmbyaYN x", "BT98AKAmbyaYN"),
        ("DB_PASSWORD=BT98AKAmbyaYN", "BT98AKAmbyaYN"),
        ("terraform apply -var=\"db_password=BT98AKAmbyaYN\"", "BT98AKAmbyaYN"),
        ("aws secretsmanager create-secret --name x --secret-string BT98AKAmbyaYN", "BT98AKAmbyaYN"),
        ("docker run -e 'db_password=BT98AKAmbyaYN' x", "BT98AKAmbyaYN"),
        ("aws secretsmanager create-secret --name x --secret-string BT98AKAmbyaYN12xYz", "BT98AKAmbyaYN12xYz"),
        ("|| Root password || Falcon12 ||", "Falcon12"),
    ] {
        assert_eq!(all(assigned, text), [secret], "{text}");
    }
}

#[test]
fn finds_members() {
    let key = key();
    assert_eq!(under("clientSecret", member, &key), [key.as_str()]);
    assert_eq!(under("password", member, "hunter2"), ["hunter2"]);
    assert!(under("password", member, "at least 8 characters").is_empty());
    assert!(under("digest", member, &key).is_empty());
    assert!(under("nextPageToken", member, &key).is_empty());
}

#[test]
fn leaves_what_programs_and_documents_say() {
    for text in [
        "password = getPassword()",
        "password = user.password",
        "password: String",
        "token: &str,",
        "let token = tokens[1];",
        "API_KEY=\nOTHER_KEY=",
        "password=${DB_PASSWORD}",
        "password: <your-password>",
        "PASSWORD=changeme",
        "secret: my-release-postgresql",
        "password_file: /run/secrets/db",
        "tokens: 1234567890",
        "arn:aws:secretsmanager:eu-west-1:210987654321:secret:prod/ledger/db-AbC3dE",
        "token: eyJhbGciOiJub25lIn0",
        "the public key is 9f2c41d8e07b4a5f8c3d2e1b6a7f",
        "the cache key is 9f2c41d8e07b4a5f8c3d2e1b6a7f",
        "SORT_KEY=9f2c41d8e07b4a5f8c3d2e1b6a7f",
        "token bucket-of-the-application-server-2",
        "密码有效期: 2025-01-01",
        "clave de acceso al portal: ninguna",
        "a design d'api est 12345678",
        "the login page\n  password protected4",
        "password for the account: required",
        "the token was refreshed",
        "Enter your password:",
        "secretKeyRef: name",
        "password combination.\n\nR5: Regulatory--21",
        "PuttyPassword=0",
        "the password length is x12345",
        "the password for the account is required",
        "password expiry is 2025-01-01",
        "password: required",
        "\"password\": \"must be at least 8 characters\"",
        "password_hash_algorithm: argon2",
        "event: password-reset-email-sent",
        "password->value1x",
        "clave: 20240131",
        "INSERT INTO rules (password, hint) VALUES ('required', 'Thunder2021x')",
        "the password Base64 encoded",
        "password SHA512-hashed",
        "pass Uint8Array to it",
        "/etc/pam.d/passwd eaf2ad85b5ccd06cceb19a3e75f40c63",
        "a password to server2 is needed",
        "we changed the password to the new one",
        "passphrase must-be-at-least-eight2",
        "https://example.com/list?key=uploads/2024/report-12.pdf",
        "https://example.com/list?key=name&sort=asc",
        "we found the key 9f2c41d8e07b4a5f8c3d2e1b6a7f in the cache",
        "token: String = String::new()",
        "type Token = \"access\" | \"refresh\"",
        "server.key: 9f2c41d8e07b4a5f8c3d2e1b6a7f",
        "La clé API est valable 30 jours",
        "process.env.API_KEY || \"\"",
        "<th>Password</th><td>required</td>",
        "ENV PATH /usr/bin1",
        "file_path=/usr/lib2",
        "keyPressed = kVK_Return.u16",
        "'password' => 'required|min:8|confirmed'",
        "\"password\": \"required|string\"",
        "password: \"required,min=8,max=72\"",
        "login(user, password=X509HardwareKeyUsageFlags)",
        "token || Falcon12",
        "| CSRF token | 9f2c41d8e07b4a5f8c3d2e1b6a7f |",
        "| API secret | string |",
        "we gave the API secret, Falcon12",
        "const keyStr = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\"",
        "public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit\"",
    ] {
        assert!(all(assigned, text).is_empty(), "{text}: {:?}", all(assigned, text));
    }
}

mod sliding {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::super::sliding::Sliding;
    use super::super::*;

    /// Names, values and what is between them.
    fn text() -> impl Strategy<Value = String> {
        let parts = [
            "password",
            "pwd=",
            "token",
            "token=ab",
            "AccountKey=1",
            "apiKey:",
            "api_key",
            "secret",
            "t1.",
            "glpat-",
            "=",
            ":",
            ": ",
            "=\"",
            "'",
            "\"",
            " ",
            "\n",
            ",",
            "&",
            "?",
            ";",
            ".",
            "-",
            "_",
            "/",
            "://",
            "<",
            "</",
            "(",
            "::",
            "==",
            "${",
            "}}",
            "changeme",
            "xxxx",
            "example",
            "my-app",
            "correct-horse",
            "Staple",
            "hunter2",
            "6fe4476ee5a18328",
            "a1B2c3D4",
            "42",
            "is ",
            "%s",
            "é",
            ".json",
            "value",
        ];
        let other = prop_oneof![8 => Just(1usize), 1 => 2usize..40];
        vec((proptest::sample::select(parts.to_vec()), other), 1..90)
            .prop_map(|parts| parts.iter().map(|(part, times)| part.repeat(*times)).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(25))]

        /// What is known of one value changes nothing for the next, in whatever order they are asked for.
        #[test]
        fn what_is_remembered_changes_nothing(text in text(), key in "(token|password|x)?", turns in vec(any::<prop::sample::Index>(), 60)) {
            let plain = View::new(text.as_bytes(), key.as_bytes());
            let sliding = Sliding::default();
            let view = plain.with(Some(&sliding));
            let places = (0..text.len()).chain(turns.iter().map(|turn| turn.index(text.len().max(1))));
            for at in places {
                prop_assert_eq!(assigned(&view, at), assigned(&plain, at), "{} at {}", text, at);
                for family in super::super::super::all().filter(|family| !family.triggers.is_empty() && family.label != "phone") {
                    for (head, seek) in super::super::super::heads(family).filter(|(head, _)| plain.starts_with_ignoring_case(at, head.as_bytes())) {
                        prop_assert_eq!(seek.at(&view, at), seek.at(&plain, at), "{} {} at {}", head, text, at);
                    }
                }
            }
            prop_assert_eq!(member(&view, 0), member(&plain, 0));
        }
    }
}
